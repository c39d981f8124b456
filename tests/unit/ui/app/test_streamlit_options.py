"""Streamlit's options: one file in the package, and the few that `streamlit run` asks for before it reads app.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

from streamlit import config

from nn_viz.ui.app.streamlit_options import _leaves, packaged_options

ROOT = Path(__file__).parents[4]
BEFORE_THE_APP = dict(_leaves(tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())))

SHOW = """
import json
from streamlit import config
from nn_viz.ui.app.streamlit_options import use_packaged_options
use_packaged_options()
first = {name: config.get_option(name) for name in %r}
config.get_config_options(force_reparse=True, options_from_flags={"server.port": 8600})
again = {name: config.get_option(name) for name in first}
print(json.dumps([first, again, config.get_option("server.port")]))
"""


def options_of_a_process(folder: Path) -> list[dict[str, object]]:
    """What the packaged options come to where `folder` is the home and the working folder: at first, and read anew."""
    environment = os.environ | {"HOME": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SHOW % list(packaged_options())]
    shown = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    first, again, port = json.loads(shown.stdout)
    assert port == 8600
    return [first, again]


def test_streamlit_knows_every_option():
    names = packaged_options().keys() | BEFORE_THE_APP.keys()
    assert [name for name in names if name not in config._config_options_template] == []


def test_each_option_stands_once():
    assert packaged_options().keys() & BEFORE_THE_APP.keys() == set()
    # Without an address to print, Streamlit asks the internet for the machine's own.
    assert BEFORE_THE_APP["browser.serverAddress"]


def test_the_package_brings_its_options_wherever_it_is_started(tmp_path):
    for found in options_of_a_process(tmp_path):
        assert found == packaged_options()


def test_what_somebody_has_set_for_all_apps_goes_first(tmp_path):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text('[theme.light]\nprimaryColor = "#123456"\n')
    for found in options_of_a_process(tmp_path):
        assert found == packaged_options() | {"theme.light.primaryColor": "#123456"}
