"""Views of the drag duel: what one or two networks answer to the moved drawing, and along each transformation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import (
    TRANSFORMATIONS,
    Confidence,
    all_transformed,
    confidence_under_transformations,
    predict,
    transformed,
)
from nn_viz.network import PICTURE_SIZE
from nn_viz.training import network_input
from nn_viz.ui.live.pointer import UNMOVED, Moved
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw import duel_words as say
from nn_viz.ui.pages.draw.drag_box import DragBox, NetworkAnswer, SeenBox, drag_answers
from nn_viz.ui.pages.draw.shift_curves import CurveLine, CurvePanel, ShiftCurves, curves_of

LIMITS = tuple((transformation.values[0], transformation.values[-1]) for transformation in TRANSFORMATIONS)


def duel(context: ViewContext) -> DragBox:
    """Return the moved drawing and each network's ten outputs for it."""
    unmoved = context.drawing.digit(context.chosen.left_out)
    both = np.stack([_moved(unmoved, context.moved), unmoved])
    networks, classes = _networks(context), CATALOGUE[context.now.dataset.name].classes
    names = say.names(networks)
    answers, sentences = [], []
    for now, name in zip(networks, names, strict=True):
        shares, resting = _shares(now, both)
        guess, before = int(shares.argmax()), int(resting.argmax())
        note = say.answer_note(classes[guess], classes[before], is_moved=context.moved != UNMOVED)
        answers.append(NetworkAnswer(name, _kind(now), shares, before, note))
        sentences.append(say.reading(name, classes[guess], float(shares[guess])))
    empty = context.drawing.is_empty
    return DragBox(
        epoch=context.now.snapshot.epoch,
        step=context.now.snapshot.step,
        answers=drag_answers(both[0], answers),
        move=_move(context.moved),
        limits=LIMITS,
        empty=empty,
        hint=say.HINT,
        words=say.HINT if empty else " ".join([say.move(context.moved), *sentences]),
        invite=say.INVITE if context.beside is None else "",
        class_names=classes,
        seen=_seen(networks, names),
    )


def duel_curves(context: ViewContext) -> ShiftCurves:
    """Return each network's confidence in its first answer along each transformation, and the comparison in words."""
    networks, classes = _networks(context), CATALOGUE[context.now.dataset.name].classes
    names = say.names(networks)
    unmoved = context.drawing.digit(context.chosen.left_out)
    pictures, moved_now = all_transformed(unmoved), _moved(unmoved, context.moved)[None]
    found = [_along(now, pictures) for now in networks]
    now_sure = [float(_shares(now, moved_now)[0, seen.answer]) for now, seen in zip(networks, found, strict=True)]
    empty = context.drawing.is_empty
    lines = [
        CurveLine(name, seen.answer, sure, np.concatenate(seen.sure), np.concatenate(seen.answers))
        for name, seen, sure in zip(names, found, now_sure, strict=True)
    ]
    return ShiftCurves(
        epoch=context.now.snapshot.epoch,
        step=context.now.snapshot.step,
        curves=curves_of([_panel(number, names, found) for number in range(len(TRANSFORMATIONS))], lines),
        move=_move(context.moved),
        empty=say.NO_CURVES if empty else "",
        class_names=classes,
        notes=() if empty else tuple(say.verdict(names, found, classes, _untrained(networks, names))),
    )


def _networks(context: ViewContext) -> list[RunAtStep]:
    return [context.now] if context.beside is None else [context.now, context.beside]


def _moved(picture: NDArray[np.float32], how: Moved) -> NDArray[np.float32]:
    """Return the picture (28, 28) after the transformation; it is not centred again."""
    result: NDArray[np.float32] = transformed(picture[None], how.right, how.down, how.turned, how.scale)[0]
    return result


def _shares(now: RunAtStep, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    return predict(now.spec, now.snapshot.parameters, network_input(pictures, now.spec, now.config))


def _along(now: RunAtStep, pictures: NDArray[np.float32]) -> Confidence:
    return confidence_under_transformations(
        now.spec, now.snapshot.parameters, network_input(pictures, now.spec, now.config)
    )


def _move(how: Moved) -> tuple[float, float, float, float]:
    return how.right, how.down, how.turned, how.scale


def _kind(now: RunAtStep) -> str:
    return "convolutional" if now.spec.is_convolutional else "dense"


def _seen(networks: list[RunAtStep], names: list[str]) -> SeenBox | None:
    """Return the frame of the pixels that a network with a cropped input sees; None where all see the whole picture."""
    small = [name for now, name in zip(networks, names, strict=True) if now.spec.input_size < PICTURE_SIZE]
    if not small:
        return None
    size = min(now.spec.input_size for now in networks)
    return SeenBox(size, say.seen(small, size))


def _untrained(networks: list[RunAtStep], names: list[str]) -> list[str]:
    return [name for now, name in zip(networks, names, strict=True) if now.snapshot.step == 0]


def _panel(number: int, names: list[str], found: list[Confidence]) -> CurvePanel:
    transformation = TRANSFORMATIONS[number]
    title, ticks = say.PANELS[transformation.key]
    value_names = tuple(say.value_name(transformation.key, value) for value in transformation.values)
    ranges = tuple(one.stable_range(number) for one in found)
    sentence = say.kept_sentence(number, names, found)
    return CurvePanel(title, transformation.values, value_names, ticks, ranges, sentence)
