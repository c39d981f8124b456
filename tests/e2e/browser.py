"""Starting the app and finding a browser, for the tests, the benchmarks and the screenshots."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these a browser in a closed network keeps looking for its maker's servers.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running app: its address and its process."""

    url: str
    process: subprocess.Popen[bytes]

    def offspring(self) -> list[int]:
        """The processes that the server has started and theirs, read from the kernel (Linux)."""
        return _offspring(self.process.pid)

    def worker_pids(self) -> list[int]:
        """The training processes among them."""
        return [pid for pid in self.offspring() if b"nn_viz.engine.worker" in _command(pid)]

    def get(self, path: str, **headers: str) -> tuple[bytes, Message]:
        """The body and the headers of a file that the app serves. Raises `urllib.error.HTTPError`, also for 304."""
        request = urllib.request.Request(f"{self.url}/{path.lstrip('/')}", headers=headers)
        with _opener().open(request, timeout=10) as answer:
            return answer.read(), answer.headers


def _offspring(parent: int) -> list[int]:
    # A process belongs to the thread that started it: here the engine's supervisor, not the main thread.
    children = [int(pid) for file in Path(f"/proc/{parent}/task").glob("*/children") for pid in _read(file).split()]
    return [pid for child in children for pid in (child, *_offspring(child))]


def _command(pid: int) -> bytes:
    return _read(Path(f"/proc/{pid}/cmdline"))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it has just ended
        return b""


def _opener() -> urllib.request.OpenerDirector:
    """One that asks this machine, whatever proxy the environment names."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


SERVE_COMMAND = (sys.executable, "-m", "nn_viz", "--no-browser", "--port")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def start_server(
    log: Path, command: Sequence[str] = SERVE_COMMAND, folder: Path = ROOT, port: int | None = None, **environment: str
) -> Server:
    """Start the app by a command that lacks but a port (None: any), in `folder`, and wait until it answers."""
    port = free_port() if port is None else port
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    request = urllib.request.Request(f"{url}/_stcore/health")
    opener = _opener()
    for _ in range(START_SECONDS * 10):
        try:
            with opener.open(request, timeout=1):
                return Server(url, process)
        except OSError:
            try:
                code = process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the app ended with {code}:\n{log.read_text()}") from None
    raise RuntimeError(f"the app does not answer:\n{log.read_text()}")


def stop_server(server: Server) -> None:
    """End the app as Ctrl-C does."""
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGINT)
        try:
            server.process.wait(15)
        except subprocess.TimeoutExpired:
            server.process.kill()
            server.process.wait()


def browser_path() -> str | None:
    """NN_VIZ_CHROMIUM, a browser on the path, or None for Playwright's own."""
    return os.environ.get("NN_VIZ_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def launch_browser(playwright: Playwright) -> Browser:
    """Chromium, without a window."""
    return playwright.chromium.launch(executable_path=browser_path(), args=list(ARGUMENTS))


@contextmanager
def app_in_browser() -> Iterator[tuple[Server, Browser]]:
    """The app, started for this alone, and a browser to open it in."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = start_server(Path(folder) / "log.txt")
        try:
            with launch_browser(playwright) as browser:
                yield server, browser
        finally:
            stop_server(server)
