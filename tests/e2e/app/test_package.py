"""The wheel, installed where nothing else of the project is; and the other ways to start the app."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import ROOT, start_server, stop_server
from tests.e2e.train_page import TrainPage

pytestmark = pytest.mark.e2e


def package_files(root: Path) -> set[str]:
    files = (path for path in (root / "nn_viz").rglob("*") if path.is_file())
    only_here = (".pyc", ".d.ts")  # what Python compiled, and the types that the linter of the scripts reads
    return {path.relative_to(root).as_posix() for path in files if not path.name.endswith(only_here)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: building leaves files beside its source."""
    folder = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "nn_viz", folder / "nn_viz", ignore=shutil.ignore_patterns("__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", "dist", "."]
    built = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = (folder / "dist").glob("*.whl")
    return found


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel in it, which sees the packages that it needs and no other nn_viz."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    install = ["-m", "pip", "--python", str(folder), "install", "--no-deps", "--no-index", str(wheel)]
    done = subprocess.run([sys.executable, *install], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = folder.glob("[Ll]ib/**/site-packages")
    (packages / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_all_of_the_package_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == package_files(ROOT)


def looks_right(page: Page, url: str) -> None:
    """Open the page: a view is painted, and it has the package's theme, style sheet and logo."""
    train = TrainPage(page, url).open()
    expect(page.locator(".st-key-train button:visible")).to_have_css("background-color", "rgb(15, 118, 110)")
    expect(page.get_by_test_id("stHeader")).to_have_css("height", re.compile(r"^46\."))
    logo = page.get_by_role("img", name="Logo")
    expect(logo).to_be_visible()
    assert logo.evaluate("(image) => image.naturalWidth") > 0
    train.press("Train")
    train.until_step(1)


def test_the_command_of_the_installed_package_serves_the_app(
    environment: Path, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    """In an empty folder; it opens its page in a browser, and ends in order."""
    empty, opened = tmp_path / "empty", tmp_path / "opened"
    empty.mkdir()
    os.mkfifo(opened)
    opens = tmp_path / "browser"
    opens.write_text(f'#!/bin/sh\nprintf %s "$1" >{opened}\n')
    opens.chmod(0o755)
    log = tmp_path / "log.txt"
    server = start_server(
        log,
        [str(environment / "bin" / "nn-viz"), "--workers", "1", "--port"],
        empty,
        HOME=str(empty),
        PYTHONPATH="",
        DISPLAY=":7",
        BROWSER=str(opens),
    )
    try:
        page = new_page(color_scheme="light")
        looks_right(page, server.url)
        shown = server.url.replace("127.0.0.1", "localhost")
        assert opened.read_text() == shown
        assert f"nn_viz: open {shown} (Ctrl-C ends it)\n" in log.read_text()
        page.close()
    finally:
        stop_server(server)
    assert server.process.returncode == 0
    assert "Traceback" not in log.read_text()
    assert str(ROOT) not in log.read_text()


@pytest.mark.parametrize("command", ["streamlit run app.py --server.port", "uvicorn app:app --port"])
def test_streamlit_and_an_asgi_server_serve_the_same(
    command: str, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    server = start_server(tmp_path / "log.txt", [sys.executable, "-m", *command.split()], HOME=str(tmp_path))
    try:
        page = new_page(color_scheme="light")
        looks_right(page, server.url)
        page.close()
    finally:
        stop_server(server)
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


def test_python_m_is_the_command(environment: Path, tmp_path: Path) -> None:
    """Both know the one that is installed, and answer alike."""
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    helps = [
        subprocess.run(
            [str(environment / "bin" / program), *arguments, "--help"],
            cwd=tmp_path,
            env=alone,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for program, arguments in (("nn-viz", ()), ("python", ("-m", "nn_viz")))
    ]
    assert helps[0] == helps[1]
    assert "--port" in helps[0]
