#!/bin/sh
# Prints the path of a Chromium or Chrome that starts; installs one if there is none, and says what it does.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

# Ubuntu's /usr/bin/chromium-browser may be a stub that only asks for a snap: a browser is what can say its version.
starts() { [ -x "$1" ] && "$1" --version >/dev/null 2>&1; }

offer() {
    path=$(command -v "$1" 2>/dev/null) || return 0
    if starts "$path"; then
        printf '%s\n' "$path"
        exit 0
    fi
}

offer_installed() {
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        offer "$name"
    done
}

offer_playwrights() {
    offer "$(.venv/bin/python -c 'from playwright.sync_api import sync_playwright as start
with start() as playwright: print(playwright.chromium.executable_path)')"
}

if [ -n "${NN_VIZ_CHROMIUM:-}" ]; then
    offer "$NN_VIZ_CHROMIUM"
    fail "NN_VIZ_CHROMIUM=$NN_VIZ_CHROMIUM does not start: correct it, or unset it to let this script find a browser"
fi
offer_installed
offer_playwrights

if [ "$(id -u)" -eq 0 ] && [ -e /etc/debian_version ] && command -v apt-get >/dev/null 2>&1; then
    say "no Chromium or Chrome found: installing Debian's package chromium for the browser tests"
    {
        apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends chromium
    } </dev/null >&2 || say "apt-get could not install chromium"
    offer_installed
fi

say "no Chromium or Chrome found: downloading Playwright's own Chromium into your cache directory"
.venv/bin/python -m playwright install chromium </dev/null >&2 || true
offer_playwrights
fail "no browser could be installed for the browser tests: install Chromium or Chrome, or name one: NN_VIZ_CHROMIUM=/path/to/chrome make test"
