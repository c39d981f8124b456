# shellcheck shell=sh
# Sourced by the other scripts: how they talk. One line for what goes on, one line for what is wrong.

say() { printf '%s\n' "nn_viz: $*" >&2; }

fail() {
    say "$*"
    exit 1
}

# free_megabytes FOLDER: the space a user may still fill there.
free_megabytes() { df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }'; }
