#!/bin/sh
# with-digits.sh COMMAND…: runs it as tests and benchmarks run. MNIST is taken from ../shared/data where that exists and
# nothing else is named (the product itself does not know that folder); one thread, because the cores are shared
# with the browser and the workers.
set -eu
if [ -z "${NN_VIZ_DATA:-}" ] && [ -d ../shared/data ]; then
    NN_VIZ_DATA=$(cd ../shared/data && pwd)
    export NN_VIZ_DATA
fi
export OMP_NUM_THREADS=1
exec "$@"
