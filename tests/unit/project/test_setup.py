"""Which torch the set-up takes: real pip in a new environment, against two registries on this machine."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pip
import pytest

ROOT = Path(__file__).parents[3]
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="torch brings CUDA libraries on Linux alone"),
    pytest.mark.skipif(
        Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None, reason="there is an NVIDIA card"
    ),
]


def offer(registry: Path, name: str, version: str) -> None:
    """Put an empty package into a registry: a folder of folders, as a web server lists them."""
    folder = registry / name
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        information = f"{name}-{version}.dist-info"
        wheel.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{information}/RECORD", "")


@pytest.fixture
def registries(tmp_path: Path) -> Iterator[str]:
    """The address of a server: /own is pip's own registry, /cpu has the CPU builds, and another numpy."""
    for name, version in (("torch", "2.13.0"), ("torchvision", "0.28.0"), ("numpy", "2.4.6")):
        offer(tmp_path / "web" / "own", name, version)
        offer(tmp_path / "web" / "cpu", name, f"{version}+cpu")
    serve = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The scripts, and a project that needs three packages."""
    folder = tmp_path / "clone"
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    (folder / "requirements.txt").write_text("numpy==2.4.6\ntorch==2.13.0\ntorchvision==0.28.0\n")
    (folder / "constraints.txt").write_text("")
    return folder


@pytest.fixture
def begun(clone: Path) -> Path:
    """The same with an environment that has pip and nothing else: quicker than the one that the set-up makes."""
    venv.create(clone / ".venv", with_pip=False)
    (packages,) = (clone / ".venv" / "lib").glob("python*/site-packages")
    (packages / "pip").symlink_to(Path(pip.__file__).parent)
    return clone


def set_up(clone: Path, registries: str, cpu_index: str, path: str = "") -> tuple[str, str]:
    """Run the set-up; return what is installed, and what was said."""
    pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{registries}/own", "no_proxy": "*"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")} | pip
    environment |= {"NN_VIZ_CPU_INDEX": cpu_index, "PYTHON": sys.executable, "PATH": path + environment["PATH"]}
    done = subprocess.run(
        [str(clone / "scripts" / "setup.sh")], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    listing = [str(clone / ".venv" / "bin" / "python"), "-m", "pip", "freeze", "--all"]
    found = subprocess.run(listing, env=environment, capture_output=True, text=True, check=True).stdout
    return " ".join(line for line in found.split() if line.startswith(("numpy", "torch"))), done.stderr


def test_without_a_card_torch_comes_from_the_cpu_index_and_nothing_else_does(clone, registries):
    installed, said = set_up(clone, registries, f"{registries}/cpu/")
    assert installed == "numpy==2.4.6 torch==2.13.0+cpu torchvision==0.28.0+cpu"
    assert said.splitlines()[0].endswith(f"torch comes from {registries}/cpu/, which saves 5 GB")
    # Again, with another package wanted: nobody is asked for what is there.
    with (clone / "constraints.txt").open("a") as pins:
        pins.write("packaging==26.3\n")
    installed, said = set_up(clone, registries, "http://127.0.0.1:9/nobody")
    assert installed == "numpy==2.4.6 torch==2.13.0+cpu torchvision==0.28.0+cpu"
    assert said.count("\n") == 2  # installing, installed


def test_a_cpu_index_that_keeps_silent_holds_nothing_up(begun, registries):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        index = f"http://127.0.0.1:{silent.getsockname()[1]}"
        installed, said = set_up(begun, registries, index)
    assert installed == "numpy==2.4.6 torch==2.13.0 torchvision==0.28.0"
    assert said.splitlines()[0].startswith(f"nn_viz: {index} does not answer: torch comes from pip's own registry")
    assert said.count("\n") == 3


def test_a_cpu_index_without_the_package_is_gone_past(begun, registries, tmp_path):
    shutil.rmtree(tmp_path / "web" / "cpu" / "torchvision")
    installed, said = set_up(begun, registries, f"{registries}/cpu")
    assert installed == "numpy==2.4.6 torch==2.13.0 torchvision==0.28.0"
    assert "nn_viz: torch could not be installed from there: it comes from pip's own registry\n" in said


def test_with_a_card_the_ordinary_torch_is_taken(begun, registries, tmp_path):
    card = tmp_path / "nvidia" / "nvidia-smi"
    card.parent.mkdir()
    card.write_text("#!/bin/sh\n")
    card.chmod(0o755)
    installed, said = set_up(begun, registries, f"{registries}/cpu", path=f"{card.parent}:")
    assert installed == "numpy==2.4.6 torch==2.13.0 torchvision==0.28.0"
    assert "cpu" not in said
