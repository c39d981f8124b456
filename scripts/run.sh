#!/bin/sh
# Starts the app. PORT and HOST choose where it listens: only this machine, unless HOST=0.0.0.0 opens it to a classroom.
set -eu
cd "$(dirname "$0")/.."
. scripts/words.sh

port=${PORT:-8501}
host=${HOST:-localhost}

# Streamlit would say the same in ten lines, and after seconds of imports.
trouble=$(.venv/bin/python scripts/port.py "$host" "$port") || fail "$trouble"

# Only for those who set one: reading the settings takes as long as importing torch.
if env | grep -q '^NN_VIZ_'; then
    trouble=$(.venv/bin/python -m scripts.settings) || fail "$trouble"
fi

# --server.address also keeps Streamlit from asking the internet for this machine's outer address.
# browser.serverAddress is what it prints.
shown=$host
[ "$host" != 0.0.0.0 ] || shown=$(hostname)
export STREAMLIT_BROWSER_GATHER_USAGE_STATS=false STREAMLIT_SERVER_HEADLESS=true
exec .venv/bin/python -m streamlit run app.py --server.port "$port" --server.address "$host" --browser.serverAddress "$shown"
