"""What the browser loads, checked without one."""

from __future__ import annotations

import importlib
import shutil
import subprocess

import pytest

from nn_viz.ui.live import static_files as served
from nn_viz.ui.live.page_rows import page_rows


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; a browser test loads every component")
def test_every_components_script_can_be_loaded(tmp_path):
    """Its parts share one module: a name that is declared twice keeps the whole component from loading."""
    page_rows()
    importlib.import_module("nn_viz.ui.app.page_frame")
    modules = {name: read for name, read in served._files.items() if not name.startswith("plotly")}
    assert {"pad", "live_connection"} <= {name.rpartition("-")[0] for name in modules}
    for name, read in modules.items():
        file = tmp_path / name.replace(".js", ".mjs")
        file.write_bytes(read())
        checked = subprocess.run(["node", "--check", file], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
