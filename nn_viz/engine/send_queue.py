"""`SendQueue`: the outgoing messages of one end of a pipe. A thread writes them, so that no sender waits for a reader.

There are two kinds of message. Most must arrive, in order; their bytes may be bounded, and the sender waits at the
bound (a server that reads nothing for so long has stopped). Others matter only while they are new: there is one slot
for each key, in which a newer message replaces an older one.
"""

from __future__ import annotations

import pickle
import threading
from collections import deque

from nn_viz.engine.platforms import PipeEnd


class SendQueue:
    """Sends picklable objects over `connection` from its own thread: those that must arrive in order, then the latest.

    `limit_bytes` bounds the messages that wait; None is for the server, whose commands are few and small. What
    is put in is pickled at once: an error is raised where it was made, and later changes of the object do not matter.
    """

    def __init__(self, connection: PipeEnd, name: str, limit_bytes: int | None = None) -> None:
        self._connection = connection
        self._limit = limit_bytes
        self._messages: deque[bytes] = deque()
        self._latest: dict[str, bytes] = {}
        self._waiting_bytes = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write, name=name, daemon=True)
        self._thread.start()

    def put(self, message: object) -> None:
        """Queue a message that must arrive; blocks at the limit. A closed queue ignores it."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._has_room_for(len(data)))
            if not self._closed:
                self._messages.append(data)
                self._waiting_bytes += len(data)
                self._changed.notify_all()

    def put_latest(self, key: str, message: object) -> None:
        """Queue a message that the next one with the same key replaces, if it has not been sent by then."""
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        with self._changed:
            if not self._closed:
                self._latest[key] = data
                self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """True once closed, by `close` or because the other end has gone."""
        return self._closed

    def close(self) -> None:
        """Stop sending; what is not yet under way is dropped. Leaves the connection open."""
        with self._changed:
            self._closed = True
            self._messages.clear()
            self._latest.clear()
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for the thread's end, after `close`."""
        self._thread.join(timeout)

    def _has_room_for(self, size: int) -> bool:
        # A single message always fits, however large: it must arrive some time.
        return self._limit is None or self._waiting_bytes == 0 or self._waiting_bytes + size <= self._limit

    def _oldest_of_latest(self) -> bytes:
        return self._latest.pop(next(iter(self._latest)))

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or bool(self._messages) or bool(self._latest))
                if self._closed:
                    return
                must_arrive = bool(self._messages)
                data = self._messages.popleft() if must_arrive else self._oldest_of_latest()
            try:
                self._connection.send_bytes(data)
            except (OSError, TypeError):
                # The other end has gone (whoever reads from it notices), or our own was closed under a write that had
                # stalled: `multiprocessing` then hands None to the system as the descriptor.
                self.close()
                return
            if must_arrive:
                with self._changed:  # only now, so that the limit counts the one under way
                    self._waiting_bytes -= len(data)
                    self._changed.notify_all()
