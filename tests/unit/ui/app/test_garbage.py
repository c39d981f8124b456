"""Garbage collection in the web process: seldom, and never after a script run."""

from __future__ import annotations

import asyncio
import gc
import inspect
import weakref
from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from nn_viz.ui.app import garbage

PATIENCE = 10.0


class Cycle:
    """What only a collection of garbage can free."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def automatic_collections_off() -> Iterator[None]:
    """None but those that are asked for; what a test freezes is thawed again."""
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture
def collections() -> Iterator[list[int]]:
    """The generation of each collection that begins."""
    begun: list[int] = []

    def note(phase: str, information: dict[str, int]) -> None:
        if phase == "start":
            begun.append(information["generation"])

    gc.callbacks.append(note)
    yield begun
    gc.callbacks.remove(note)


@pytest.fixture
def real_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a script of AppTest end as one on a server does: its own runner leaves the collection out."""
    ending = script_runner.ScriptRunner._on_script_finished
    monkeypatch.setattr(LocalScriptRunner, "_on_script_finished", ending)


def run_a_script() -> None:
    app = AppTest.from_string("import streamlit as st\nst.write('hello')", default_timeout=PATIENCE).run()
    assert app.markdown[0].value == "hello"


def test_installed_streamlit_collects_after_a_run_and_asks_its_option_first() -> None:
    source = inspect.getsource(script_runner.ScriptRunner._on_script_finished)
    assert f'if config.get_option("{garbage.STREAMLIT_OPTION}"):\n            gc.collect(2)' in source
    assert config.get_option(garbage.STREAMLIT_OPTION) is True, "Streamlit's own default has changed"


@pytest.mark.usefixtures("real_ending")
def test_script_run_collects_nothing_inside_the_block_and_all_generations_outside(collections: list[int]) -> None:
    async def runs() -> None:
        async with garbage.collected_seldom(young_seconds=1000):
            collections.clear()
            await asyncio.to_thread(run_a_script)
            assert collections == []

    asyncio.run(runs())
    collections.clear()
    run_a_script()
    assert 2 in collections


def test_what_was_before_is_restored() -> None:
    before = gc.get_threshold(), config.get_option(garbage.STREAMLIT_OPTION)

    async def enter_and_leave() -> None:
        async with garbage.collected_seldom(young_seconds=1000):
            assert gc.get_threshold()[:2] == before[0][:2]
            assert gc.get_threshold()[2] == garbage.NEVER
            assert gc.get_freeze_count() > 0

    asyncio.run(enter_and_leave())
    assert (gc.get_threshold(), config.get_option(garbage.STREAMLIT_OPTION)) == before
    assert gc.get_freeze_count() == 0


def test_new_garbage_goes_and_what_survives_is_not_walked_again() -> None:
    garbage.collect(everything=True)
    frozen, kept, gone = gc.get_freeze_count(), Cycle(), weakref.ref(Cycle())
    garbage.collect(everything=False)
    assert gone() is None
    assert gc.get_freeze_count() > frozen
    # What is frozen stays, garbage or not, until everything is walked.
    late = weakref.ref(kept)
    del kept
    garbage.collect(everything=False)
    assert late() is not None
    garbage.collect(everything=True)
    assert late() is None


async def until_gone(cycle: weakref.ref[Cycle]) -> None:
    gone = asyncio.Event()
    weakref.finalize(cycle(), gone.set)
    await asyncio.wait_for(gone.wait(), PATIENCE)


def test_the_event_loop_collects_by_itself() -> None:
    async def leave_garbage() -> None:
        async with garbage.collected_seldom(young_seconds=0.01):
            await until_gone(weakref.ref(Cycle()))

    asyncio.run(leave_garbage())


def test_what_has_become_garbage_after_it_was_frozen_goes_in_a_quiet_moment() -> None:
    kept = [Cycle()]

    async def leave_frozen_garbage() -> None:
        async with garbage.collected_seldom(young_seconds=0.01, full_seconds=0.02):
            garbage.collect(everything=False)
            cycle = weakref.ref(kept.pop())
            await until_gone(cycle)

    asyncio.run(leave_frozen_garbage())


@pytest.mark.parametrize(("patience", "later"), [(1000.0, [False, False, False]), (0.0, [True, True, True])])
def test_busy_process_is_walked_whole_only_when_patience_ends(
    monkeypatch: pytest.MonkeyPatch, patience: float, later: list[bool]
) -> None:
    walked: list[bool] = []

    async def wait() -> None:
        done = asyncio.Event()

        def note(*, everything: bool) -> int:
            walked.append(everything)
            if len(walked) == 4:
                done.set()
            return 0

        async def never_quiet() -> bool:
            return False

        monkeypatch.setattr(garbage, "collect", note)
        monkeypatch.setattr(garbage, "_wait_until_idle", never_quiet)
        monkeypatch.setattr(garbage, "FULL_PATIENCE_SECONDS", patience)
        async with garbage.collected_seldom(young_seconds=0.001, full_seconds=0.0):
            await asyncio.wait_for(done.wait(), PATIENCE)

    asyncio.run(wait())
    assert walked[:4] == [True, *later]  # the first one before the block begins


def test_what_is_not_needed_any_more_is_let_go_before_each_collection(collections: list[int]) -> None:
    async def wait() -> int:
        done = asyncio.Event()
        async with garbage.collected_seldom(young_seconds=0.001, full_seconds=1000.0, before=done.set):
            collections.clear()
            await asyncio.wait_for(done.wait(), PATIENCE)
            return len(collections)

    assert asyncio.run(wait()) == 0
