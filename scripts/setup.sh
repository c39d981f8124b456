#!/bin/sh
# setup.sh [dev|lint]: brings .venv up to date with requirements.txt (dev: with requirements-dev.txt too, lint: with
# requirements-lint.txt on top of both).
# Does nothing when it already is. Whatever a broken-off set-up left behind is made anew.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

# Megabytes that a set-up with the CPU build of torch fills (2,100 installed with the developers' packages, measured),
# and what pip needs besides while it unpacks the largest package; the same with NVIDIA's CUDA libraries.
CPU_MEGABYTES=2600
CUDA_MEGABYTES=8000

# On Linux the registries' own torch brings those libraries. Without such a card the build from here does as well.
# Another place that holds it may be named; empty: none is asked.
CPU_INDEX=${NN_VIZ_CPU_INDEX-https://download.pytorch.org/whl/cpu}
ANSWER_SECONDS=3

# Each set contains those before it: one installation, a stamp for each.
set_name=${1:-run}
case $set_name in
    run) wanted=requirements.txt contained="run" ;;
    dev) wanted=requirements-dev.txt contained="run dev" ;;
    lint) wanted=requirements-lint.txt contained="run dev lint" ;;
    *) fail "setup.sh knows 'dev', 'lint' or nothing, not '$set_name'" ;;
esac

venv_python=.venv/bin/python
stamp=.venv/.installed-$set_name # holds the checksum of what was installed last
unfinished=.venv/.unfinished     # there from before pip's first change until after its last
lock=.venv.lock

# checksum SET: of the files that it is installed from, bound to their names as well.
checksum() {
    case $1 in
        run) set -- requirements.txt constraints.txt ;;
        dev) set -- requirements.txt constraints.txt requirements-dev.txt ;;
        lint) set -- requirements.txt constraints.txt requirements-dev.txt requirements-lint.txt ;;
    esac
    cksum "$@" | cksum
}
target=$(checksum "$set_name")

healthy() { [ ! -e "$unfinished" ] && "$venv_python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
up_to_date() { [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$target" ] && healthy; }

if up_to_date; then exit 0; fi

# One set-up at a time: `make run` and `make test` started together must not install over each other.
waiting=""
until trouble=$(LC_ALL=C mkdir "$lock" 2>&1); do
    # Why it failed decides, not whether the lock is still there: the other set-up may end at this very moment.
    case $trouble in
        *"File exists"*) ;;
        *) fail "cannot write in $(pwd): ${trouble##*: }" ;;
    esac
    holder=$(cat "$lock/pid" 2>/dev/null || true)
    if [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; then
        rm -rf "$lock" # its owner was killed
        continue
    fi
    [ -n "$waiting" ] || say "another set-up is at work (process ${holder:-unknown}); waiting for it. If there is none: rm -r $lock"
    waiting=yes
    sleep 1
done
echo $$ >"$lock/pid"
log=$lock/pip.log
trap 'rm -rf "$lock"' EXIT
trap 'exit 130' INT TERM HUP
if up_to_date; then exit 0; fi # the other one has done it

python=$(scripts/python.sh) || exit 1

has_nvidia_card() { [ -e /proc/driver/nvidia ] || command -v nvidia-smi >/dev/null 2>&1; }

# Whether .venv has the torch of requirements.txt, in whatever build: pip leaves it as it is.
has_torch() {
    "$venv_python" -c 'import sys
from importlib.metadata import version
sys.exit("torch==" + version("torch").split("+")[0] not in open("requirements.txt").read().split())' 2>/dev/null
}

# The alarm ends it whatever it waits for, the name server included.
answers() {
    "$python" -c 'import signal, sys, urllib.request
signal.alarm(int(sys.argv[2]))
urllib.request.urlopen(sys.argv[1])' "$1" "$ANSWER_SECONDS"
}

needed=$CPU_MEGABYTES
torch_index=""
if [ "$(uname -s)" = Linux ] && [ -n "$CPU_INDEX" ] && ! has_torch; then
    if has_nvidia_card; then
        needed=$CUDA_MEGABYTES
    elif { answers "${CPU_INDEX%/}/torch/"; } >/dev/null 2>&1; then
        torch_index=$CPU_INDEX
        say "this machine has no NVIDIA card: torch comes from $CPU_INDEX, which saves 5 GB"
    else
        needed=$CUDA_MEGABYTES
        say "$CPU_INDEX does not answer: torch comes from pip's own registry, which may bring 5 GB for NVIDIA cards"
    fi
fi

present=$(du -sk .venv 2>/dev/null | awk '{ print int($1 / 1024) }')
needed=$((needed - ${present:-0}))
[ "$needed" -ge 300 ] || needed=300
free=$(free_megabytes .)
[ "$free" -ge "$needed" ] ||
    fail "the disk is full: the packages need $needed MB in $(pwd), and $free MB are free"

if ! healthy; then
    [ ! -e .venv ] || say "the set-up in .venv was broken off or its Python is gone: making it anew"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python cannot make virtual environments: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"
    rm -rf .venv
    if ! "$python" -m venv .venv >"$log" 2>&1; then
        reason=$(grep -v '^$' "$log" | tail -n 1)
        rm -rf .venv
        fail "$python -m venv .venv failed: $reason"
    fi
fi

touch "$unfinished"
# Stamps of an earlier state are void from here on.
rm -f .venv/.installed-*
say "installing the packages of $wanted (once; some minutes)"
pip_install() {
    "$venv_python" -m pip install --disable-pip-version-check --no-input --progress-bar off "$@" >"$log" 2>&1
}
if [ -n "$torch_index" ]; then
    # These two alone, so that no other package can come from there. pip then finds their pins satisfied.
    grep -E '^torch(vision)?==' requirements.txt >"$lock/torch.txt"
    pip_install --no-deps --index-url "$torch_index" -r "$lock/torch.txt" ||
        say "torch could not be installed from there: it comes from pip's own registry"
fi
status=0
pip_install -r "$wanted" || status=$?
if [ "$status" -ne 0 ]; then
    # The most telling line of pip's log decides which one line the user reads.
    if grep -qiE 'No space left on device|Errno 28|Disk quota exceeded' "$log"; then
        fail "the disk is full: pip ran out of space ($(free_megabytes .) MB free in $(pwd), $(free_megabytes "${TMPDIR:-/tmp}") MB in ${TMPDIR:-/tmp}); the CPU packages need about $CPU_MEGABYTES MB, torch's CUDA build about $CUDA_MEGABYTES MB"
    elif grep -qiE 'NewConnectionError|ConnectTimeout|ReadTimeout|NameResolution|Network is unreachable|Connection (refused|reset|broken)|ProxyError|Could not fetch URL|from versions: none' "$log"; then
        fail "pip could not reach the package registry: check the network (or the proxy), then run the same command again"
    elif grep -q 'No matching distribution found' "$log"; then
        fail "$("$venv_python" -V) on $(uname -sm): $(grep -m 1 'No matching distribution found' "$log" | sed 's/^ERROR: //'); Python 3.11 on 64-bit Linux or macOS has them all"
    fi
    fail "pip failed: $(grep -E '^ *(ERROR|error):' "$log" | head -n 1 | sed 's/^ *//')"
fi
for each in $contained; do checksum "$each" >".venv/.installed-$each"; done
rm -f "$unfinished"
say "the packages are installed"
if [ -d nn_viz/training/kernels ]; then
    say "compiling the training steps for this processor (once; up to half a minute)"
    "$venv_python" -m nn_viz.training.kernels >"$log" 2>&1 || say "that failed: the app tries again, and trains with PyTorch"
fi
