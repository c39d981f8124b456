"""Downloads under way on this server: one per dataset, shared by everybody who asks for it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from nn_viz.data import DatasetError, DownloadCancelled, Progress, download


@dataclass
class Download:
    """One download in its own thread; its fields are written there and read by the pages."""

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
    """Start fetching this dataset, or join the download that is under way."""
    with _lock:
        current = _downloads.get(name)
        if current is None or current.finished:
            current = _downloads[name] = Download(name)
            threading.Thread(target=current.run, name=f"download {name}", daemon=True).start()
        return current


def under_way(name: str) -> Download | None:
    """The newest download of this dataset, finished or not; None if nobody asked for it."""
    with _lock:
        return _downloads.get(name)
