"""Searches beside the pages: everybody's turn comes, however much one asks for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.ui.live import background_search
from nn_viz.ui.live.background_search import BackgroundSearch, FairQueue
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.result_cache import Results
from nn_viz.ui.live.tab_state import TabState
from nn_viz.ui.live.view_request import ViewRequest

SECONDS = 30.0
TABS = [f"tab {number}" for number in range(30)]


def held(go: threading.Event) -> Iterator[int]:
    assert go.wait(SECONDS)
    yield 0


def test_thirty_viewers_all_get_theirs_while_new_moments_keep_coming():
    """With 24 places for what was under way none of thirty viewers ever got an answer, and 21,091 jobs queued."""
    search: BackgroundSearch[int] = BackgroundSearch()
    go, order = threading.Event(), []

    def work(tab: str, step: int) -> Iterator[int]:
        order.append((tab, step))
        yield step

    search.request("another", "keeps the worker busy", lambda: held(go))
    for step in range(50):  # each of a training's kept snapshots is another request
        for tab in TABS:
            assert search.request(tab, (tab, step), partial(work, tab, step)) is None
            assert background_search.waiting() <= len(TABS) + 1
    go.set()
    background_search.wait()
    assert order == [(tab, 49) for tab in TABS], "one each, the newest, in the order in which they came"
    assert [search.request(tab, (tab, 49), lambda: iter(())) for tab in TABS] == [49] * 30


def test_who_asks_for_the_same_shares_one_search():
    search: BackgroundSearch[int] = BackgroundSearch()
    begun: list[int] = []

    def work() -> Iterator[int]:
        begun.append(1)
        yield 7

    for tab in TABS:
        search.request(tab, "the same", work)
    background_search.wait()
    assert {search.request(tab, "the same", work) for tab in TABS} == {7}
    assert begun == [1]


def test_a_tab_that_has_gone_waits_for_nothing():
    search: BackgroundSearch[int] = BackgroundSearch()
    go, begun = threading.Event(), []
    search.request("another", "keeps the worker busy", lambda: held(go))

    def work(tab: str) -> Iterator[int]:
        begun.append(tab)
        yield 1

    for tab in ("goes", "stays"):
        search.request(tab, tab, partial(work, tab))
    background_search.withdraw("goes")
    go.set()
    background_search.wait()
    assert begun == ["stays"]


@pytest.mark.parametrize(("seconds", "times"), [(0.0, 6), (SECONDS, 1)])  # five times further, and over; only over
def test_listeners_hear_how_far_it_has_come_but_not_too_often(monkeypatch, seconds, times):
    monkeypatch.setattr(background_search, "PROGRESS_SECONDS", seconds)
    background_search._worker._notify()
    search: BackgroundSearch[int] = BackgroundSearch()
    heard: list[int] = []
    with background_search.subscribed(lambda: heard.append(1)):
        search.request("tab", "count", lambda: iter(range(5)))
        background_search.wait()
    assert len(heard) == times


def test_a_result_that_a_tab_shows_is_not_searched_again_when_the_cache_drops_it(monkeypatch):
    monkeypatch.setattr(background_search._worker, "_results", Results("dropped at once"))
    monkeypatch.setattr(Results, "peek", lambda self, key: None)
    search: BackgroundSearch[int] = BackgroundSearch()
    begun: list[int] = []

    def work() -> Iterator[int]:
        begun.append(1)
        yield 7

    for _ in range(3):  # a page is drawn again at each notification
        search.request("tab", "shown", work)
        background_search.wait()
    assert (search.request("tab", "shown", work), begun) == (7, [1])
    search.request("tab", "another", lambda: iter((1,)))
    background_search.wait()
    assert not any("shown" in str(key) for key in background_search._worker._outcomes), (
        "kept while it is shown, not longer"
    )


def test_a_tab_that_shows_no_searches_any_more_waits_for_none():
    """It left the part of the page, or the page: whichever, its request must not delay those of others."""
    search: BackgroundSearch[int] = BackgroundSearch()
    go = threading.Event()
    search.request("another", "keeps the worker busy", lambda: held(go))
    try:
        for leave in (lambda tab: tab.choose(part="walk"), lambda tab: tab.open_page("train")):
            tab = TabState(ViewRequest(Choices(), "convolution", Drawing()))
            tab.choose(part="patches")
            before = background_search.waiting()
            search.request(tab.address, "patches", lambda: iter((1,)))
            tab.choose(neuron=2)
            assert background_search.waiting() == before + 1, "it is still on that part"
            leave(tab)
            assert background_search.waiting() == before
            tab.close()
    finally:
        go.set()
        background_search.wait()


requests = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=80)


@given(requests, st.integers(1, 4))
def test_nobody_waits_for_more_than_one_search_of_each_other_client(asked, every):
    """Whoever asks, however often: between an client's request and its search no other client is served twice."""
    queue = FairQueue()
    waiting: dict[int, Counter[int]] = {}
    served: Counter[int] = Counter()
    for number, (client, key) in enumerate(asked):
        queue.put(client, "kind", (client, key))
        waiting.setdefault(client, Counter(served))
        assert len(queue) <= 6
        if number % every == 0 and (found := queue.next()) is not None:
            assert isinstance(found, tuple)
            done, _ = found
            since = waiting.pop(done)
            assert all(served[other] - since[other] <= 1 for other in served if other != done)
            served[done] += 1


def test_what_is_replaced_is_not_kept_for_later():
    search: BackgroundSearch[int] = BackgroundSearch()
    go = threading.Event()
    search.request("another", "keeps the worker busy", lambda: held(go))
    for step in range(50):
        for tab in TABS:
            search.request(tab, (tab, step), lambda: iter((1,)))
    assert len(background_search._worker._jobs) <= len(TABS) + 1
    assert background_search._worker._executor._work_queue.qsize() <= 1
    go.set()
    background_search.wait()
