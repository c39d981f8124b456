"""What the page says of a lesson, against the snapshots themselves."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from nn_viz.data import load_dataset
from nn_viz.engine import Run, RunStatus
from nn_viz.insight import first_layer, predict
from nn_viz.network import NetworkSpec
from nn_viz.training import Lesson, Snapshot, TrainingConfig, train
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.run_at_step import run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.live.wire import FULL_SCALE
from nn_viz.ui.pages.draw.lesson_view import TOO_EARLY, lesson
from tests.unit.sent import header_of, unpack

SPEC = NetworkSpec.parse("12", 28)
CONFIG = TrainingConfig(dataset="mnist-5k", epochs=1, device="cpu")


@pytest.fixture(scope="module")
def snapshots() -> tuple[Snapshot, ...]:
    return tuple(train(SPEC, load_dataset("mnist-5k"), CONFIG))


def context_of(
    snapshots: tuple[Snapshot, ...], at: int | None = None, taught: bool = True, begun: int = 0
) -> ViewContext:
    """The first kept snapshot is where the lesson began: its picture is the first test digit, said to be a 3."""
    picture = load_dataset("mnist-5k").test_images[0]
    run = Run(
        id="branch", spec=SPEC, config=CONFIG, status=RunStatus.PAUSED, snapshots=snapshots, parent=("run", begun),
        lesson=Lesson(picture, 3) if taught else None,
    )  # fmt: skip
    chosen = Choices(spec=SPEC, config=CONFIG, run="branch", at=at)
    return ViewContext(run_at_chosen_step(chosen, run), chosen, Drawing())


def notes_of(context: ViewContext) -> list[str]:
    message = lesson(context)
    assert message is not None
    notes: list[str] = header_of(message)["notes"]
    return notes


def test_it_is_computed_from_the_two_moments(snapshots):
    message = lesson(context_of(snapshots))
    assert message is not None
    header, arrays = unpack(message)
    first, last = snapshots[0], snapshots[-1]
    change = first_layer(SPEC, last.parameters) - first_layer(SPEC, first.parameters)
    shown = arrays["values"].astype(np.float64) / FULL_SCALE * arrays["limits"][:, None, None]
    np.testing.assert_allclose(shown, change, atol=np.abs(change).max() / FULL_SCALE)

    image = load_dataset("mnist-5k").test_images[:1].astype(np.float32) / np.float32(255)
    shares = [predict(SPEC, snapshot.parameters, image)[0] for snapshot in (first, last)]
    read = [f"{one.argmax()} ({one.max() * 100:.0f} %)" for one in shares]
    drawing, digits = header["notes"]
    assert drawing == f"Your drawing, which you said is 3: read as {read[0]} before, as {read[1]} now."
    right = [snapshot.confusion.trace() / snapshot.confusion.sum() for snapshot in (first, last)]
    said = re.fullmatch(
        r"Of 1,000 test digits it read ([\d.]+) % right before, ([\d.]+) % now; among the (\d)s.*", digits
    )
    assert said, digits
    assert [float(said[1]), float(said[2])] == pytest.approx([share * 100 for share in right], abs=0.051)
    recalls = [snapshot.confusion.diagonal() / snapshot.confusion.sum(axis=1) for snapshot in (first, last)]
    assert int(said[3]) == np.abs(recalls[1] - recalls[0]).argmax()


def test_a_class_with_a_name_is_not_made_a_plural(snapshots):
    context = context_of(snapshots)
    clothes = replace(context.now, dataset=replace(context.now.dataset, name="fashion-mnist"))
    assert re.search(r"now; among the pictures of “[\w/ -]+”, where", notes_of(replace(context, now=clothes))[1])


def test_it_says_where_the_lesson_begins_and_where_nothing_was_counted(snapshots):
    assert notes_of(context_of(snapshots, at=0))[1] == "Here the lesson begins: move the slider."
    untested = (*snapshots[:-1], replace(snapshots[-1], confusion=None))
    assert "were not read at this moment" in notes_of(context_of(untested))[1]
    fewer = (*snapshots[:-1], replace(snapshots[-1], confusion=snapshots[-1].confusion // 2))
    assert re.search(r"before, [\d.]+ % of \d+ now", notes_of(context_of(fewer))[1])


def test_other_runs_show_nothing_of_the_kind(snapshots):
    assert lesson(context_of(snapshots, taught=False)) is None
    assert lesson(context_of(())) is None


def test_a_moment_before_the_lesson_shows_nothing_of_it(snapshots):
    early = lesson(context_of(snapshots, at=0, begun=snapshots[3].step))
    assert early is not None
    header, arrays = unpack(early)
    assert header["notes"] == [TOO_EARLY]
    assert not arrays["values"].any()
