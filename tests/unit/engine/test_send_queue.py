"""The messages between server and worker, with a reader that is slow, stuck or gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from nn_viz.engine.send_queue import SendQueue

MEGABYTE = bytes(2**20)
SECONDS = 30.0
Ends = tuple[Connection, Connection]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = Pipe()
    yield ours, theirs
    for end in (ours, theirs):
        end.close()


def test_messages_arrive_all_and_in_order(ends: Ends):
    send_queue = SendQueue(ends[0], "test")
    for number in range(1000):
        send_queue.put(number)
    assert [ends[1].recv() for _ in range(1000)] == list(range(1000))
    send_queue.close()
    send_queue.join(SECONDS)


def test_a_reader_that_does_not_read_costs_neither_time_nor_memory_for_pictures(ends: Ends):
    send_queue = SendQueue(ends[0], "test")
    for number in range(500):  # half a gigabyte, if they were kept
        send_queue.put_latest("a", (number, MEGABYTE))
    send_queue.put_latest("b", ("other run", MEGABYTE))
    send_queue.put("end")
    received: list[Any] = []
    while not {499, "other run", "end"} <= set(received):
        message = ends[1].recv()
        received.append(message if message == "end" else message[0])
    assert len(received) <= 4  # the one under way, the newest, the other run's, the message
    send_queue.close()
    send_queue.join(SECONDS)


def test_messages_wait_at_the_limit_and_go_on_when_the_reader_does(ends: Ends):
    send_queue = SendQueue(ends[0], "test", limit_bytes=3 * 2**20)
    sent = threading.Semaphore(0)

    def write() -> None:
        for number in range(6):
            send_queue.put((number, MEGABYTE))
            sent.release()

    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(2):  # two and their wrapping are under three megabytes
        assert sent.acquire(timeout=SECONDS)
    assert not sent.acquire(timeout=0.05)
    assert [ends[1].recv()[0] for _ in range(6)] == list(range(6))
    writer.join(SECONDS)
    assert not writer.is_alive()
    send_queue.close()
    send_queue.join(SECONDS)


def test_a_message_larger_than_the_limit_still_goes(ends: Ends):
    send_queue = SendQueue(ends[0], "test", limit_bytes=10)
    send_queue.put(MEGABYTE)
    assert ends[1].recv() == MEGABYTE
    send_queue.close()
    send_queue.join(SECONDS)


@pytest.mark.parametrize("who", ["the other end", "this end"])
def test_whoever_waits_at_the_limit_is_set_free_when_an_end_closes(ends: Ends, who):
    send_queue = SendQueue(ends[0], "test", limit_bytes=2**20)
    sent = threading.Semaphore(0)

    def write() -> None:
        for _ in range(5):
            send_queue.put(MEGABYTE)
            sent.release()

    writer = threading.Thread(target=write)
    writer.start()
    assert sent.acquire(timeout=SECONDS)
    assert not sent.acquire(timeout=0.05)  # the second does not fit: the writer waits
    if who == "this end":
        send_queue.close()
    else:
        ends[1].close()
    writer.join(SECONDS)
    assert not writer.is_alive()
    assert send_queue.closed


def test_what_cannot_be_pickled_is_an_error_where_it_was_made(ends: Ends):
    send_queue = SendQueue(ends[0], "test")
    with pytest.raises((AttributeError, TypeError)):
        send_queue.put(threading.Lock())
    send_queue.put("still works")
    assert ends[1].recv() == "still works"
    send_queue.close()
    send_queue.join(SECONDS)


def test_a_connection_that_is_closed_under_a_stalled_write_ends_the_writer_quietly(ends: Ends):
    ours, theirs = ends
    send_queue = SendQueue(ours, "test")
    send_queue.put([MEGABYTE])
    assert theirs.poll(SECONDS)  # the write has begun, and the pipe is full
    ours.close()
    theirs.close()  # ends the write halfway, and its rest has nowhere to go
    send_queue.join(SECONDS)
    assert send_queue.closed
