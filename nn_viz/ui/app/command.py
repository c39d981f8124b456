"""The command `nn-viz` (`python -m nn_viz` is the same): parses its options and prints the addresses.

All that needs Streamlit or torch is in `serving.py`, so that `--help` and mistakes are answered at once.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import nn_viz
from nn_viz.engine.settings import EngineSettings, SettingsError
from nn_viz.ui.app.addresses import (
    DEFAULT_PORT,
    WILDCARDS,
    AddressError,
    check_port,
    first_free_port,
    hosts_for_others,
    port_number,
)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to set: as an option of the command, or as an environment variable, which the option outranks."""

    flag: str
    variable: str
    meaning: str
    default: str
    metavar: str | None = None  # None: a switch, on wherever the variable is neither empty nor 0


OPTIONS = (
    Option("--port", "PORT", "port to listen on; 0 takes any free one", f"{DEFAULT_PORT}, or the next free one", "N"),
    Option(
        "--host", "HOST", "address to listen on; 0.0.0.0 opens the page to the whole network", "localhost", "ADDRESS"
    ),
    Option("--no-browser", "NN_VIZ_NO_BROWSER", "open no browser", "opens one where there is a screen"),
    Option(
        "--data",
        "NN_VIZ_DATA",
        "folder with `MNIST/raw` or `FashionMNIST/raw` as torchvision lays them out; only read",
        "none",
        "FOLDER",
    ),
    Option(
        "--cache",
        "NN_VIZ_CACHE",
        "where downloads and compiled code are kept",
        "the user's cache folder",
        "FOLDER",
    ),
    Option("--workers", "NN_VIZ_WORKERS", "training processes", "as many as cores, 8 at most", "N"),
    Option("--max-runs", "NN_VIZ_MAX_RUNS", "networks that train at the same time; more wait in line", "32", "N"),
    Option("--max-runs-per-owner", "NN_VIZ_MAX_RUNS_PER_OWNER", "unfinished runs of one browser session", "4", "N"),
    Option("--runs-mb", "NN_VIZ_RUNS_MB", "what the snapshots of all runs may take in memory", "512", "MB"),
    Option("--cache-mb", "NN_VIZ_CACHE_MB", "what results worked out for the pages may take in memory", "256", "MB"),
    Option(
        "--grace-seconds", "NN_VIZ_GRACE_SECONDS", "how long a run lives on after its tab was closed", "60", "SECONDS"
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the app until Ctrl-C. Returns 0; ends the program with one line where it cannot be served."""
    for variable, value in vars(_parser().parse_args(arguments)).items():
        if value is not None:
            os.environ[variable] = value
    host, wanted = os.environ.get("HOST") or "localhost", os.environ.get("PORT", "")
    try:
        EngineSettings.from_environment()
        if wanted:
            port = port_number(wanted)
            check_port(host, port)
        elif (port := first_free_port(host)) != DEFAULT_PORT:
            _say(f"port {DEFAULT_PORT} is taken (by another nn_viz?), so this one takes {port}")
    except (AddressError, SettingsError) as error:
        sys.exit(f"nn_viz: {error}")

    from nn_viz.ui.app.serving import serve

    with suppress(KeyboardInterrupt):  # uvicorn passes it on, when everything has ended in order
        serve(host, port, lambda address_of: _announce(host, address_of))
    return 0


def _announce(host: str, address_of: Callable[[str], str]) -> None:
    """Print the addresses, and open the first in a browser if that is wanted and there is a screen."""
    here = address_of("localhost" if host in WILDCARDS else _in_brackets(host))
    _say(f"open {here} (Ctrl-C ends it)")
    if others := hosts_for_others(host):
        _say(f"for others in this network: {' or '.join(address_of(_in_brackets(name)) for name in others)}")
    if not _is_on("NN_VIZ_NO_BROWSER") and _has_screen():
        threading.Thread(target=webbrowser.open, args=(here,), daemon=True).start()


def _in_brackets(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _has_screen() -> bool:
    """Whether a browser would have a window; without one, Python starts a browser for the terminal, in its way."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_on(variable: str) -> bool:
    return os.environ.get(variable, "") not in ("", "0")


def _say(line: str) -> None:
    print(f"nn_viz: {line}", flush=True)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line, without the list of all options."""
        self.exit(2, f"nn_viz: {message}; nn-viz --help lists the options\n")


def _parser() -> argparse.ArgumentParser:
    """Return a parser whose results are named after the variables; what was not given is None."""
    parser = _Parser(
        prog="nn-viz",
        description="Watch what neurons learn: serves nn_viz on this computer and opens it in a browser.",
        epilog="Each option can also be set as the environment variable in brackets. Ctrl-C ends the server.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"nn_viz {nn_viz.__version__}")
    for option in OPTIONS:
        text = f"{option.meaning} [{option.variable}; default: {option.default}]"
        if option.metavar is None:
            parser.add_argument(option.flag, dest=option.variable, action="store_const", const="1", help=text)
        else:
            parser.add_argument(option.flag, dest=option.variable, metavar=option.metavar, help=text)
    return parser
