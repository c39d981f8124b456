#!/bin/sh
# test.sh quick|all ARGUMENTS…: runs the tests that pytest's ARGUMENTS choose. `quick`: those that need no browser, side
# by side, with fewer examples of each property. `all`: then those in a real browser too, one after another on a machine
# that does nothing else.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

nothing_chosen=5 # pytest's exit status where its arguments choose no test

which=$1
shift
quick=0
.venv/bin/python -m pytest -n auto --dist worksteal --hypothesis-profile="$which" \
    -o testpaths="tests/unit tests/app" -m "not e2e" "$@" || quick=$?
# Interrupted, or misunderstood: what follows would be so too.
[ "$quick" -le 1 ] || [ "$quick" -eq "$nothing_chosen" ] || exit "$quick"
[ "$which" = all ] || exit "$quick"

browser=0
.venv/bin/python -m pytest -o testpaths=tests/e2e -m e2e "$@" || browser=$?
if [ "$quick" -eq 1 ]; then fail "tests that need no browser failed too: they are listed further up"; fi
[ "$browser" -eq "$nothing_chosen" ] || exit "$browser"
exit "$quick"
