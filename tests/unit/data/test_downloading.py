"""Downloads, from servers of our own on 127.0.0.1 that behave well, badly, and not at all."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn_viz.data import (
    DatasetError,
    DownloadCancelled,
    Progress,
    download,
    downloading,
    is_present,
    load_dataset,
)
from tests.unit.data.test_loading import Tiny

IMAGES = "train-images-idx3-ubyte.gz"

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def send(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def send_altered(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, content[:-1] + bytes([content[-1] ^ 1]))


def send_half_and_break_off(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def send_a_sign_in_page(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    send(handler, b"<html>Welcome to our free wireless network!" + b" " * len(content))


def send_an_error(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_error(503, "Too many learners")


def send_nonsense(handler: BaseHTTPRequestHandler, content: bytes) -> None:
    handler.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")


class Mirror:
    """A web server with the tiny dataset; `answer` is how it answers, `asked` what it was asked for."""

    def __init__(self, tiny: Tiny) -> None:
        self.answer: Answer = send
        self.asked: list[str] = []
        mirror = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.rpartition("/")[2]
                mirror.asked.append(name)
                mirror.answer(self, tiny.contents[name])

            def log_message(self, format: str, *arguments: object) -> None:
                logging.getLogger(__name__).debug(format, *arguments)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/mnist/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    return Tiny()


@pytest.fixture
def mirror(tiny: Tiny) -> Iterator[Mirror]:
    mirror = Mirror(tiny)
    yield mirror
    mirror.server.shutdown()
    mirror.server.server_close()


@pytest.fixture
def closed_port() -> str:
    """An address on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NN_VIZ_DATA", raising=False)
    monkeypatch.setenv("NN_VIZ_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def test_a_download_brings_the_digits_and_reports_its_progress(tiny: Tiny, mirror: Mirror, cache: Path) -> None:
    seen: list[Progress] = []
    catalogue = tiny.catalogue(mirror.url)
    assert not is_present("mnist", catalogue)

    download("mnist", seen.append, lambda: False, catalogue)

    assert tiny.is_in(load_dataset("mnist", catalogue))
    total = sum(map(len, tiny.contents.values()))
    assert {step.total for step in seen} == {total}
    assert seen[0] == Progress(IMAGES, 0, total)
    assert [step.received for step in seen] == sorted(step.received for step in seen)
    assert seen[-1].received == total
    assert seen[-1].fraction == 1.0
    assert list(dict.fromkeys(step.file for step in seen)) == list(tiny.contents)
    assert {path.name for path in (cache / "MNIST" / "raw").iterdir()} == set(tiny.contents)
    assert list((cache / "unfinished").iterdir()) == []


def test_what_is_present_is_not_downloaded_again(tiny: Tiny, mirror: Mirror) -> None:
    catalogue = tiny.catalogue(mirror.url)
    download("mnist", catalogue=catalogue)
    download("mnist", catalogue=catalogue)
    assert mirror.asked == list(tiny.contents)


def test_only_what_is_missing_or_damaged_is_fetched(tiny: Tiny, mirror: Mirror, cache: Path) -> None:
    raw = tiny.put(cache)
    (raw / "t10k-labels-idx1-ubyte.gz").unlink()
    (raw / IMAGES).write_bytes(b"damaged")
    catalogue = tiny.catalogue(mirror.url)
    download("mnist", catalogue=catalogue)
    assert mirror.asked == [IMAGES, "t10k-labels-idx1-ubyte.gz"]
    assert tiny.is_in(load_dataset("mnist", catalogue))


def test_a_broken_data_folder_is_left_alone_and_the_download_goes_to_the_cache(
    tiny: Tiny, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = tiny.put(tmp_path / "data")
    (raw / IMAGES).write_bytes(b"damaged")
    monkeypatch.setenv("NN_VIZ_DATA", str(tmp_path / "data"))
    catalogue = tiny.catalogue(mirror.url)
    download("mnist", catalogue=catalogue)
    assert (raw / IMAGES).read_bytes() == b"damaged"
    assert tiny.is_in(load_dataset("mnist", catalogue))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(looks=st.integers(0, 7))
def test_a_cancelled_download_leaves_nothing_and_can_be_repeated(
    tiny: Tiny, mirror: Mirror, cache: Path, looks: int
) -> None:
    # `cancelled` is asked before each piece and at each end: at least twice a file, eight times in all.
    answers = iter([False] * looks + [True] * 100)
    with pytest.raises(DownloadCancelled, match="cancelled; nothing of it was kept"):
        download("mnist", lambda progress: None, lambda: next(answers), tiny.catalogue(mirror.url))
    assert files_in(cache) == []
    assert not is_present("mnist", tiny.catalogue(mirror.url))


def test_a_failing_progress_bar_leaves_nothing_either(tiny: Tiny, mirror: Mirror, cache: Path) -> None:
    def fail(progress: Progress) -> None:
        if progress.received:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download("mnist", fail, catalogue=tiny.catalogue(mirror.url))
    assert files_in(cache) == []


MISBEHAVIOURS = [
    (send_altered, "sent a damaged train-images-idx3-ubyte.gz"),
    (send_half_and_break_off, "broke off after [0-9,]+ of [0-9,]+ bytes"),
    (send_a_sign_in_page, "sign in to the network"),
    (send_an_error, "answered with error 503"),
    (send_nonsense, "answered something that is no file"),
]


@pytest.mark.parametrize(("answer", "words"), MISBEHAVIOURS)
def test_a_bad_mirror_is_explained_and_leaves_nothing(
    tiny: Tiny, mirror: Mirror, cache: Path, answer: Answer, words: str
) -> None:
    mirror.answer = answer
    with pytest.raises(DatasetError, match=f"127.0.0.1 .*{words}.*Check the internet connection"):
        download("mnist", catalogue=tiny.catalogue(mirror.url))
    assert files_in(cache) == []


@pytest.mark.parametrize("answer", [answer for answer, _ in MISBEHAVIOURS])
def test_the_next_mirror_steps_in_for_a_bad_one(tiny: Tiny, mirror: Mirror, answer: Answer) -> None:
    bad = Mirror(tiny)
    bad.answer = answer
    catalogue = tiny.catalogue(bad.url, mirror.url)
    seen: list[Progress] = []
    download("mnist", seen.append, catalogue=catalogue)
    bad.server.shutdown()
    bad.server.server_close()
    assert tiny.is_in(load_dataset("mnist", catalogue))
    assert mirror.asked == list(tiny.contents)
    assert max(step.fraction for step in seen) == 1.0


def test_no_network_is_said_clearly(tiny: Tiny, closed_port: str, cache: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        download("mnist", catalogue=tiny.catalogue(closed_port, closed_port))
    words = str(caught.value)
    assert words.count("127.0.0.1 refused the connection") == 2
    assert "Check the internet connection" in words
    assert str(cache / "MNIST" / "raw") in words  # where to put files by hand
    assert files_in(cache) == []


def test_an_address_that_does_not_exist_is_said_clearly(tiny: Tiny) -> None:
    with pytest.raises(DatasetError, match=r"nowhere\.invalid was not found"):
        download("mnist", catalogue=tiny.catalogue("http://nowhere.invalid/"))


def test_a_silent_server_is_given_up(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "_TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listener:  # takes the connection and never says a word
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(DatasetError, match="did not answer in time"):
            download("mnist", catalogue=tiny.catalogue(url))


def test_a_cache_that_cannot_be_written_is_said_clearly(tiny: Tiny, mirror: Mirror, cache: Path) -> None:
    cache.write_text("a file stands where the folder should be")
    with pytest.raises(DatasetError, match=r"cannot be saved in .*NN_VIZ_CACHE"):
        download("mnist", catalogue=tiny.catalogue(mirror.url))
    assert mirror.asked == []


def test_embedded_digits_are_not_downloaded(cache: Path) -> None:
    download("mnist-5k")
    assert files_in(cache) == []
