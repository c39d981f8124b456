"""The history of a run: within its budget, never without the first, the last and the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn_viz.training import History, Snapshot


def snapshot(step: int, accuracy: float | None = 0.5, floats: int = 100, tested: int = 10) -> Snapshot:
    return Snapshot(
        epoch=step / 10, step=step, train_loss=1.0, train_accuracy=0.5, test_loss=1.0, test_accuracy=accuracy,
        confusion=None, tested=tested, parameters={"0.weight": np.zeros((1, floats), np.float32)},
        optimiser_state={}, seconds=0.0, images=step,
    )  # fmt: skip


accuracies = st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=60)


@settings(deadline=None)
@given(accuracies, st.integers(0, 30), st.integers(1, 200), st.none() | st.integers(0, 60))
def test_budget_and_what_is_never_dropped(
    accuracy: list[float | None], pieces: int, floats: int, pinned: int | None
) -> None:
    history, seen = History(budget=pieces * 400, pinned=pinned), []
    for step, value in enumerate(accuracy):
        new = snapshot(step, value, floats)
        seen.append(new)
        history = history.added(new)
        best = max(
            (s for s in seen if s.test_accuracy is not None),
            key=lambda s: s.test_accuracy or 0.0,
            default=None,
        )
        assert history.snapshots[0] is seen[0] and history.snapshots[-1] is new
        assert history.best is best and (best is None or best in history.snapshots)
        assert pinned is None or step < pinned or seen[pinned] in history.snapshots
        assert history.nbytes <= history.budget or len(history) <= (3 if pinned is None else 4)
        assert [s.step for s in history] == sorted({s.step for s in history})


def test_within_the_budget_nothing_is_dropped() -> None:
    history = History(budget=400 * 50)
    for step in range(50):
        history = history.added(snapshot(step))
    assert len(history) == 50 and history.nbytes == 400 * 50
    assert len(history.added(snapshot(50))) == 50


@settings(deadline=None)
@given(st.integers(5, 20), st.integers(20, 300))
def test_thinning_is_even(kept: int, steps: int) -> None:
    """No hole is more than four times the ideal one, in the order in which snapshots were taken."""
    history = History(budget=400 * kept)
    for step in range(steps):
        history = history.added(snapshot(2 ** min(step, 10) + step, accuracy=1.0 - step / 1000))
    ordinals = [s.images for s in history]
    positions = [next(k for k in range(steps) if 2 ** min(k, 10) + k == o) for o in ordinals]
    assert max(np.diff(positions)) <= 4 * max(1, steps / kept)


def test_the_best_is_among_those_tested_on_the_most_digits() -> None:
    history = History(budget=400 * 4)
    lucky, better, worse = snapshot(1, 0.99, tested=1_000), snapshot(2, 0.96, tested=10_000), snapshot(3, 0.95)
    for each in (snapshot(0, 0.1, tested=1_000), lucky, better, worse):
        history = history.added(each)
    assert history.best is better
    for step in range(4, 12):
        history = history.added(snapshot(step, 0.98, tested=1_000))
    assert better in history.snapshots and lucky not in history.snapshots


def test_a_second_snapshot_of_one_step_takes_the_place_of_the_first_and_older_ones_are_refused() -> None:
    first, second = snapshot(5), snapshot(5, 0.9)
    history = History().added(snapshot(0)).added(first).added(second)
    assert [s.step for s in history] == [0, 5] and history.snapshots[1] is second
    with pytest.raises(ValueError, match="cannot follow"):
        history.added(snapshot(4))


def test_a_history_is_immutable_and_finds_the_nearest() -> None:
    empty = History()
    history = empty.added(snapshot(0)).added(snapshot(10))
    assert len(empty) == 0 and empty.best is None
    assert (history.at(5).step, history.at(6).step, history.at(-3).step, history.at(10**9).step) == (
        0,
        10,
        0,
        10,
    )
    with pytest.raises(LookupError):
        empty.at(0)
