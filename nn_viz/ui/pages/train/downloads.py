"""The downloads of datasets in this server process: one per dataset, shared by all sessions."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from nn_viz.data import DatasetError, DownloadCancelled, Progress, download


@dataclass
class Download:
    """One download in its own thread; `cancelled` is set by a page, the other fields are written by that thread."""

    name: str
    progress: Progress | None = None
    error: str = ""
    finished: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Fetch the files; called in the download's thread."""
        try:
            download(self.name, self._report, self.cancelled.is_set)
        except DownloadCancelled:
            pass
        except DatasetError as error:
            self.error = str(error)
        except Exception:
            logging.getLogger(__name__).exception("the download of %s ended unexpectedly", self.name)
            self.error = "The download ended unexpectedly; the server's log says why. Try again in a moment."
        finally:
            self.finished = True

    def _report(self, progress: Progress) -> None:
        self.progress = progress


_downloads: dict[str, Download] = {}
_lock = threading.Lock()


def begin(name: str) -> Download:
    """Start the download of this dataset, or return the one that is running."""
    with _lock:
        current = _downloads.get(name)
        if current is None or current.finished:
            current = _downloads[name] = Download(name)
            threading.Thread(target=current.run, name=f"download {name}", daemon=True).start()
        return current


def under_way(name: str) -> Download | None:
    """Return the newest download of this dataset, finished or not; None if there was none."""
    with _lock:
        return _downloads.get(name)
