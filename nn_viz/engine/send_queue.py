"""One end's outgoing post: a thread that writes to the pipe, so that nobody waits for a slow reader.

Two kinds of post, because of what a slow reader may cost. *Letters* must arrive, in order; where there may be
many of them their bytes are bounded, and the sender waits at the bound (a server that reads nothing for so
long has stopped). *Pictures* are worth seeing only while they are new: one place per run, where the newer
takes the older's.
"""

from __future__ import annotations

import pickle
import threading
from collections import deque
from multiprocessing.connection import Connection
from typing import Any


class SendQueue:
    """Sends picklable objects over `connection` from a thread of its own: letters in order, then pictures.

    `limit_bytes` bounds the letters that wait; None is for the server, whose commands are few and small. What
    is handed in is pickled at once: an error is raised where it was made, and later changes do not show.
    """

    def __init__(self, connection: Connection[Any, Any], name: str, limit_bytes: int | None = None) -> None:
        self._connection = connection
        self._limit = limit_bytes
        self._letters: deque[bytes] = deque()
        self._pictures: dict[str, bytes] = {}
        self._waiting_bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write, name=name, daemon=True)
        self._thread.start()

    def put(self, message: object) -> None:
        """Queue what must arrive; waits at the limit. A closed send_queue takes nothing."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room_for(len(data)))
            if not self._closed:
                self._letters.append(data)
                self._waiting_bytes += len(data)
                self._changed.notify_all()

    def put_latest(self, key: str, message: object) -> None:
        """Queue what only matters until the next picture with the same key."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._changed:
            if not self._closed:
                self._pictures[key] = data
                self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """True once closed, by `close` or because the other end has gone."""
        return self._closed

    def close(self) -> None:
        """Stop sending; what is not yet under way is dropped. Leaves the connection open."""
        with self._changed:
            self._closed = True
            self._letters.clear()
            self._pictures.clear()
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, after `close`."""
        self._thread.join(timeout)

    def _has_room_for(self, size: int) -> bool:
        # A single letter always fits, however large: it must arrive some time.
        return self._limit is None or self._waiting_bytes == 0 or self._waiting_bytes + size <= self._limit

    def _oldest_picture(self) -> bytes:
        return self._pictures.pop(next(iter(self._pictures)))

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._letters) or bool(self._pictures))
                if self._closed:
                    return
                is_letter = bool(self._letters)
                data = self._letters.popleft() if is_letter else self._oldest_picture()
            try:
                self._connection.send_bytes(data)
            except (OSError, TypeError):
                # The other end has gone (whoever reads from it notices), or our own was closed under a write that had
                # stalled: `multiprocessing` then hands None to the system as the descriptor.
                self.close()
                return
            if is_letter:
                with self._changed:  # only now, so that the limit counts the one under way
                    self._waiting_bytes -= len(data)
                    self._changed.notify_all()
