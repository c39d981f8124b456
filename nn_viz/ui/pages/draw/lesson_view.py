"""View of what a lesson changed: the answer to the drawing, the test accuracy, the first layer's weights."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import first_layer, predict
from nn_viz.training import Lesson, Snapshot, network_input
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.class_names import all_of
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.units import chosen_unit

HEIGHT = 150
TOO_EARLY = "This moment is before the lesson, so nothing of it is to be seen yet: move the slider to the right."


def lesson(context: ViewContext) -> PixelWall | None:
    """Return the first layer's change since the lesson began, with the rest in words; None where there is no lesson."""
    now = context.now
    run = now.run
    if run is None or run.lesson is None or run.parent is None or not run.snapshots:
        return None
    before = run.at(run.parent[1])
    is_later = now.snapshot.step >= before.step
    after = now.snapshot if is_later else before
    pictures = first_layer(now.spec, after.parameters) - first_layer(now.spec, before.parameters)
    words = (_drawing_words(now, run.lesson, before), _test_words(now, before)) if is_later else (TOO_EARLY,)
    return PixelWall(
        view="lesson",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(pictures),
        labels=tuple(str(number + 1) for number in range(len(pictures))),
        layer=now.first_layer,
        selected=context.chosen.neuron if chosen_unit(now.spec, context.chosen)[0] == now.first_layer else None,
        max_height=HEIGHT,
        caption="Change of the weights since the lesson began",
        noun="filter" if now.is_convolutional else "neuron",
        quantity="change",
        notes=words,
    )


def _drawing_words(now: RunAtStep, given: Lesson, before: Snapshot) -> str:
    """Say how the drawing was read before the lesson, and how it is read at the step shown."""
    image = network_input(given.picture[None].astype(np.float32) / 255, now.spec, now.config)
    names = CATALOGUE[now.dataset.name].classes
    readings = []
    for snapshot in (before, now.snapshot):
        shares = predict(now.spec, snapshot.parameters, image)[0]
        readings.append(f"{names[int(shares.argmax())]} ({shares.max():.0%})".replace("%", " %"))
    return f"Your drawing, which you said is {names[given.label]}: read as {readings[0]} before, as {readings[1]} now."


def _test_words(now: RunAtStep, before: Snapshot) -> str:
    """Say how the test accuracy changed through the lesson, and for which class most."""
    if now.snapshot.step == before.step:
        return "Here the lesson begins: move the slider."
    if before.confusion is None or now.snapshot.confusion is None:
        return "The test digits were not read at this moment: move the slider to the last one."
    first, last = np.asarray(before.confusion), np.asarray(now.snapshot.confusion)
    if first.sum() != last.sum():
        before_and_now = [f"{_percent(np.trace(m) / m.sum())} of {m.sum():,}" for m in (first, last)]
        return f"Of the test digits it read {before_and_now[0]} right before, {before_and_now[1]} now."
    shares = [_right(matrix) for matrix in (first, last)]
    most = int(np.abs(shares[1] - shares[0]).argmax())
    name = CATALOGUE[now.dataset.name].classes[most]
    return (
        f"Of {first.sum():,} test digits it read {_percent(np.trace(first) / first.sum())} right before, "
        f"{_percent(np.trace(last) / last.sum())} now; among {all_of(name)}, where that changed most, "
        f"{_percent(shares[0][most])} before, {_percent(shares[1][most])} now."
    )


def _right(confusion: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the accuracy of each class (10,) from a confusion matrix (10, 10); 0 where a class has no example."""
    counts = confusion.sum(axis=1)
    shares: NDArray[np.float64] = np.divide(np.diag(confusion), counts, out=np.zeros(len(confusion)), where=counts > 0)
    return shares


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")
