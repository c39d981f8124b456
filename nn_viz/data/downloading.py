"""Downloading a dataset: reports progress, can be cancelled, and leaves either all files or none."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from nn_viz.data.catalogue import CATALOGUE, DatasetEntry, SourceFile, find_entry
from nn_viz.data.dataset import DatasetError
from nn_viz.data.folders import unfinished_folder
from nn_viz.data.loading import is_present
from nn_viz.data.sources import download_folder, fault

_TIMEOUT = 10.0
"""Seconds of silence after which a mirror is given up; the longest that a cancellation takes to be
noticed."""

_CHUNK = 1 << 16
"""Bytes asked for at a time: about 150 reports of progress for MNIST."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is: the file on its way, and bytes received and to be received, over all files.

    `received` falls back when a mirror fails in the middle of a file and the next one starts it again.
    """

    file: str
    received: int
    total: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.received / self.total


class DownloadCancelled(DatasetError):  # noqa: N818 (it is no error that the learner cancels)
    """The learner cancelled the download; nothing of it was kept."""


class _MirrorError(Exception):
    """A mirror did not deliver a file. The text is the end of a sentence that begins with the mirror's name."""


def download(
    name: str,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
    catalogue: Mapping[str, DatasetEntry] = CATALOGUE,
) -> None:
    """Fetch the dataset called `name` into the user's cache; does nothing where it is present already.

    `progress` is called at the start and after each piece that arrives, `cancelled` before each piece; both
    run in the caller's thread. Files appear in their place only when all of them have arrived and have their
    checksums, so a download that fails, is cancelled or is killed leaves nothing that looks like data, and
    may be tried again.

    Raises DownloadCancelled; DatasetError when no mirror gives a good file, the disk takes none, the name is
    unknown or there is nothing to download.
    """
    entry = find_entry(name, catalogue)
    if is_present(name, catalogue):
        return
    if not entry.mirrors:
        raise DatasetError(f"{entry.title} is not downloaded. {entry.how_to_get}")
    target = download_folder(entry)
    wanted = [file for file in entry.files if fault(target, file)]
    total = sum(file.size for file in wanted)
    try:
        with unfinished_folder() as unfinished:
            done = 0
            for file in wanted:
                report = _reporter(file, done, total, progress)
                _fetch_from_any_mirror(entry, file, unfinished / file.name, report, cancelled)
                done += file.size
            target.mkdir(parents=True, exist_ok=True)
            for file in wanted:
                os.replace(unfinished / file.name, target / file.name)
    except OSError as error:
        reason = error.strerror or error
        raise DatasetError(
            f"{entry.title} cannot be saved in {target} ({reason}). Make room or allow writing there, or set "
            "NN_VIZ_CACHE to another folder, and try again."
        ) from error


def _reporter(file: SourceFile, done: int, total: int, progress: Callable[[Progress], None]) -> Callable[[int], None]:
    return lambda received: progress(Progress(file.name, done + received, total))


def _fetch_from_any_mirror(
    entry: DatasetEntry,
    file: SourceFile,
    path: Path,
    report: Callable[[int], None],
    cancelled: Callable[[], bool],
) -> None:
    failures = []
    for mirror in entry.mirrors:
        try:
            _fetch(mirror + file.name, file, path, report, cancelled)
            return
        except _MirrorError as failure:
            failures.append(f"{urlsplit(mirror).hostname} {failure}")
        except DownloadCancelled:
            raise DownloadCancelled(f"The download of {entry.title} was cancelled; nothing of it was kept.") from None
    names = ", ".join(each.name for each in entry.files)
    raise DatasetError(
        f"{entry.title} could not be downloaded: {'; '.join(failures)}. Check the internet connection and "
        f"try again, or copy {names} from another computer into {download_folder(entry)}."
    )


def _fetch(
    url: str, file: SourceFile, path: Path, report: Callable[[int], None], cancelled: Callable[[], bool]
) -> None:
    """Write `file` from `url` to `path`. Raises _MirrorError, DownloadCancelled, or OSError for the disk."""
    digest = hashlib.md5(usedforsecurity=False)
    received = 0
    report(received)
    with open(path, "wb") as target, closing(_pieces(url)) as pieces:
        while True:
            if cancelled():
                raise DownloadCancelled
            piece = next(pieces, b"")
            if not piece:
                break
            received += len(piece)
            if received > file.size:
                raise _MirrorError("sent another file (a page that asks to sign in to the network, perhaps)")
            target.write(piece)
            digest.update(piece)
            report(received)
    if received < file.size:
        raise _MirrorError(f"broke off after {received:,} of {file.size:,} bytes of {file.name}")
    if digest.hexdigest() != file.md5:
        raise _MirrorError(f"sent a damaged {file.name} (its checksum is wrong)")


def _pieces(url: str) -> Generator[bytes, None, None]:
    """Return the body at `url`, as it arrives.

    Every failure of the network becomes _MirrorError: an OSError that reaches the caller can only be the disk's.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "nn_viz"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
            while piece := response.read1(_CHUNK):
                yield piece
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _MirrorError(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answered with error {error.code}"
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    for kind, words in _NETWORK_FAILURES:
        if isinstance(cause, kind):
            return words
    return f"could not be reached ({cause})"


_NETWORK_FAILURES: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "was not found (is there a network?)"),
    (TimeoutError, "did not answer in time"),
    (ConnectionRefusedError, "refused the connection"),
    (ConnectionError, "broke the connection"),
    (http.client.HTTPException, "answered something that is no file"),
)
