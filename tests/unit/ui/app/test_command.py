"""The command `nn-viz`: its options, what it says, and where it listens. test_package.py serves with it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from nn_viz.engine import EngineSettings
from nn_viz.ui.app.addresses import (
    AddressError,
    PortTakenError,
    check_port,
    first_free_port,
    hosts_for_others,
    port_number,
)
from nn_viz.ui.app.command import OPTIONS
from nn_viz.ui.live import result_cache
from tests.refusals import refusals

ROOT = Path(__file__).parents[4]


def nn_viz(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command; here only with what it refuses."""
    return subprocess.run(
        [sys.executable, "-m", "nn_viz", *arguments],
        cwd=ROOT,
        env=os.environ | {"HOST": "", "PORT": "", "NN_VIZ_NO_BROWSER": "1"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


# ---------------------------------------------------------------- its options


def test_help_is_there_before_streamlit_and_torch():
    script = """
import sys
from nn_viz.ui.app.command import main
try:
    main(["--help"])
finally:
    assert not {"torch", "streamlit", "numpy"} & sys.modules.keys()
"""
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    for option in OPTIONS:
        assert option.flag in shown.stdout
        assert f"[{option.variable};" in shown.stdout.replace("\n" + " " * 24, " ")


def test_the_readme_has_the_same_table():
    rows = re.findall(r"^\| `(--[a-z-]+)` \| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", (ROOT / "README.md").read_text(), re.M)
    assert rows == [(option.flag, option.variable, option.meaning, option.default) for option in OPTIONS]


def test_the_defaults_are_those_of_the_engine_and_the_cache():
    shown = {option.variable: option.default for option in OPTIONS}
    defaults = {row.metadata["variable"]: f"{row.default:g}" for row in fields(EngineSettings)}
    defaults[result_cache.VARIABLE] = str(result_cache.DEFAULT_MEGABYTES)
    counted = [name for name in shown.keys() & defaults.keys() if name != "NN_VIZ_WORKERS"]  # as many as cores
    assert len(counted) == 5
    for name in counted:
        assert shown[name] == defaults[name]


def test_an_option_outranks_its_variable():
    tried = nn_viz("--workers", "many", NN_VIZ_WORKERS="few")
    assert tried.returncode == 1
    assert "not 'many'" in tried.stderr


# ---------------------------------------------------------------- what it says


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--wat"], {}, "nn_viz: unrecognized arguments: --wat; nn-viz --help lists the options"),
        (["--port", "web"], {}, "'web' is not a port: choose one"),
        ([], {"PORT": "70000"}, "'70000' is not a port: choose one"),
        (["--host", "nowhere.invalid"], {}, "'nowhere.invalid' is not an address of this machine: use"),
        ([], {"NN_VIZ_WORKERS": "abc"}, "nn_viz: NN_VIZ_WORKERS must be"),
        (["--grace-seconds", "-1"], {}, "nn_viz: NN_VIZ_GRACE_SECONDS must be"),
        (["--cache-mb", "1"], {}, "nn_viz: NN_VIZ_CACHE_MB must be"),
        ([], {"STREAMLIT_SERVER_MAX_UPLOAD_SIZE": "big"}, "'STREAMLIT_SERVER_MAX_UPLOAD_SIZE'): 'big' is not a valid"),
    ],
    ids=str,
)
def test_a_mistake_is_said_in_one_line(arguments, environment, said):
    tried = nn_viz(*arguments, **environment)
    assert tried.returncode in (1, 2)
    assert tried.stderr.startswith("nn_viz: ")
    assert tried.stderr.count("\n") == 1
    assert said in tried.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0"])
def test_a_taken_port_is_said_in_one_line_with_the_way_out(host, taken_port):
    tried = nn_viz("--host", host, PORT=str(taken_port))
    assert tried.returncode == 1
    assert tried.stderr == (
        f"nn_viz: port {taken_port} is taken (by another nn_viz?): end that, or choose another, "
        "--port 8502 (PORT=8502 make run)\n"
    )


@pytest.mark.parametrize("command", ["streamlit run app.py --server.headless true", "uvicorn app:app"])
def test_so_it_is_without_the_command(command):
    tried = subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=ROOT,
        env=os.environ | {"NN_VIZ_WORKERS": "abc"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert tried.returncode == 1
    assert tried.stderr.splitlines()[-1].startswith("nn_viz: NN_VIZ_WORKERS must be")
    assert "Traceback" not in tried.stderr + tried.stdout


# ---------------------------------------------------------------- where it listens


def test_what_is_no_port():
    texts = ["", "70000", "-1", "web", "8501; true", "²", "9" * 5000]
    refusals(AddressError, port_number, texts, words="PORT=8502 make run")


def test_without_a_wish_the_next_free_port_is_taken(taken_port):
    with pytest.raises(PortTakenError):
        check_port("127.0.0.1", taken_port)
    found = first_free_port("127.0.0.1", taken_port)
    assert taken_port < found < taken_port + 20
    with socket.socket() as free:
        free.bind(("127.0.0.1", found))


def test_no_port_is_looked_for_on_another_machine():
    with pytest.raises(AddressError, match=r"192\.0\.2\.77"):
        first_free_port("192.0.2.77")


def test_others_are_told_of_a_server_that_they_can_reach():
    assert hosts_for_others("localhost") == hosts_for_others("127.0.0.1") == hosts_for_others("::1") == ()
    assert hosts_for_others("10.1.2.3") == ("10.1.2.3",)
    assert hosts_for_others("0.0.0.0")[0] == socket.gethostname()
