"""The light clients of `benchmarks/classroom.py` against the real server: they are answered as a browser is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks.classroom import attend
from benchmarks.learners import KINDS
from tests.e2e.browser import Server

pytestmark = pytest.mark.e2e
SECONDS = 12.0  # three questions of each, and a reload


def test_each_kind_of_learner_is_answered_and_finds_its_run_after_a_reload(server: Server) -> None:
    # In a thread of its own: in this one Playwright's event loop runs, where the browser was started before.
    with ThreadPoolExecutor(1) as pool:
        learners, _ = pool.submit(asyncio.run, attend(server, len(KINDS), SECONDS)).result()
    assert [one.errors for one in learners] == [[], [], []]
    figures = {one.kind: one for one in learners}
    assert list(figures) == list(KINDS)
    assert figures["neurons"].questions and figures["footprints"].questions and figures["pen"].pen
    for one in learners:
        assert len(one.first_start) == len(one.later_starts) == 1
        assert one.frames > 0 and one.runs > 0
