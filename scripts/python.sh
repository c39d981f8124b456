#!/bin/sh
# Prints a Python that nn_viz can be set up with, or says in one line what is missing.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

# Asked of each candidate: it runs at all (a version manager's stand-in may not), and it is new enough.
# int() and .format() because the question must also be one that Python 2 and 3.5 understand.
QUESTION='import sys; print("{}.{}".format(*sys.version_info[:2])); sys.exit(sys.version_info < (3, 11))'

too_old=""
# PYTHON names the one to take. Otherwise python3.11 first: it is the version that CI and the image run.
if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.11 python3 python3.13 python3.12 python3.14 python; fi
for candidate in "$@"; do
    found=$(command -v "$candidate" 2>/dev/null) || continue
    if version=$("$found" -c "$QUESTION" 2>/dev/null); then
        printf '%s\n' "$found"
        exit 0
    fi
    [ -z "$version" ] || [ -n "$too_old" ] || too_old="$found is Python $version"
done

if [ -n "$too_old" ]; then
    fail "Python 3.11 or newer is needed, and $too_old: install a newer one, or name it: PYTHON=/path/to/python3.11 make run"
fi
[ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON does not run: correct it, or unset it to let this script look"
fail "Python 3.11 or newer is needed, and none was found: install it (Debian: apt-get install python3 python3-venv; macOS: brew install python@3.11)"
