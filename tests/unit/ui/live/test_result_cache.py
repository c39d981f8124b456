"""One cache for the process: single flight, bounded in bytes, nobody waits for somebody else's work."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.engine import SettingsError
from nn_viz.ui.live.result_cache import DEFAULT_MEGABYTES, ResultCache, cache_bytes, nbytes_of

SECONDS = 20.0
PICTURE = np.zeros(1000, np.uint8)


def test_a_hit_does_not_wait_for_somebody_else_s_miss():
    cache = ResultCache(10**6)
    assert cache.get("there", lambda: 1) == 1
    begun, go = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert go.wait(SECONDS)
        return 2

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(cache.get, "slow", slow)
        assert begun.wait(SECONDS)
        assert cache.get("there", lambda: pytest.fail("it is kept")) == 1
        assert cache.get("another", lambda: 3) == 3
        go.set()
        assert working.result(SECONDS) == 2


def test_thirty_who_ask_for_the_same_get_one_answer():
    cache, calls, askers = ResultCache(10**6), [], 30
    barrier = threading.Barrier(askers)

    def work() -> object:
        calls.append(1)
        return object()

    def ask() -> object:
        barrier.wait(SECONDS)
        return cache.get("key", work)

    with ThreadPoolExecutor(askers) as pool:
        answers = {id(asked.result(SECONDS)) for asked in [pool.submit(ask) for _ in range(askers)]}
    assert len(answers) == len(calls) == 1


def test_results_of_runs_that_have_gone_are_forgotten():
    cache = ResultCache(10**6)
    keys = [("f", ("gone", 1)), ("g", (("x", ("gone", 3)), 2)), ("f", ("stays", 1)), ("f", 3), "gone too"]
    for key in keys:
        cache.put(key, PICTURE)
    before = cache.nbytes
    cache.forget(frozenset())
    assert cache.nbytes == before
    cache.forget({"gone", "gone too"})
    assert [cache.peek(key) is not None for key in keys] == [False, False, True, True, False]
    assert cache.nbytes == before * 2 / 5


def test_what_fails_is_said_to_all_who_waited_and_not_kept():
    cache, begun, go = ResultCache(10**6), threading.Event(), threading.Event()

    def broken() -> int:
        begun.set()
        assert go.wait(SECONDS)
        raise MemoryError("no room")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", broken)
        assert begun.wait(SECONDS)
        second = pool.submit(cache.get, "key", broken)
        go.set()
        for asked in (first, second):
            with pytest.raises(MemoryError, match="no room"):
                asked.result(SECONDS)
    assert cache.get("key", lambda: 5) == 5


def test_work_may_ask_for_other_results_and_even_for_itself():
    cache = ResultCache(10**6)
    assert cache.get("outer", lambda: cache.get("inner", lambda: 2) + 1) == 3
    assert cache.get("itself", lambda: cache.get("itself", lambda: 7) + 1) == 8


@given(st.lists(st.integers(0, 20), max_size=60))
def test_it_never_takes_more_than_it_may_and_always_answers_right(keys):
    cache = ResultCache(5 * (nbytes_of(PICTURE) + 10))
    for key in keys:
        found = cache.get(key, partial(np.full, 1000, key, np.uint8))
        assert (found == key).all()
        assert cache.nbytes <= cache.most


def test_what_was_used_last_stays():
    cache = ResultCache(3 * (nbytes_of(PICTURE) + 10))
    for key in ("a", "b", "c", "a", "d"):
        cache.get(key, PICTURE.copy)
    assert [cache.peek(key) is not None for key in "abcd"] == [True, False, True, True]


def test_what_is_larger_than_the_cache_is_handed_out_and_not_kept():
    cache = ResultCache(100)
    assert cache.get("large", lambda: PICTURE) is PICTURE
    assert cache.peek("large") is None and cache.nbytes == 0


@dataclass(frozen=True)
class Profile:
    pictures: np.ndarray
    again: np.ndarray
    words: tuple[str, ...]


def test_bytes_are_those_of_all_arrays_each_counted_once():
    bare = nbytes_of(np.zeros(0))
    large: Any = np.zeros((100, 100))
    assert 80_000 <= nbytes_of(large) <= 80_000 + bare + 64
    assert nbytes_of(large[:1]) >= 80_000, "a view keeps all of it"
    profile = Profile(large, large, ("a", "b"))
    assert 80_000 <= nbytes_of(profile) <= 81_000
    assert nbytes_of({"x": [large, large.copy()]}) >= 160_000


def test_the_budget_is_read_from_the_environment():
    assert cache_bytes({}) == DEFAULT_MEGABYTES * 2**20
    assert cache_bytes({"NN_VIZ_CACHE_MB": "64"}) == 64 * 2**20
    for text in ("0", "63", "-1", "many", "1e3", "9" * 400, "٣"):
        with pytest.raises(SettingsError, match="NN_VIZ_CACHE_MB must be"):
            cache_bytes({"NN_VIZ_CACHE_MB": text})


def test_memory_that_torch_owns_counts():
    assert nbytes_of(torch.zeros(1000, 1000).numpy()) >= 4_000_000


def test_who_waits_for_a_thread_that_is_stopped_works_itself():
    cache, begun, go = ResultCache(10**6), threading.Event(), threading.Event()

    def stopped() -> int:
        begun.set()
        assert go.wait(SECONDS)
        raise KeyboardInterrupt

    def ask() -> int:
        go.set()
        return int(cache.get("key", lambda: 5))

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(cache.get, "key", stopped)
        assert begun.wait(SECONDS)
        assert ask() == 5
        assert isinstance(working.exception(SECONDS), KeyboardInterrupt)
