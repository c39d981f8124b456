"""Views of the drawing's activations in every layer, and of its preprocessing steps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE, PreprocessingStages
from nn_viz.insight import Paths, activations, pre_activations, strongest_paths
from nn_viz.network import Dense, NetworkSpec, Pool
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw.flow_weight_views import CHANNEL, network_name, sight
from nn_viz.ui.widgets.digit_flow import DigitFlow, FlowLayer, FlowPaths, flow_paths, flow_pictures
from nn_viz.ui.widgets.pad.view import drawn_digit
from nn_viz.ui.widgets.test_digit import flow_layers, inked
from nn_viz.ui.widgets.units import chosen_unit, unit_name

MINUS = "\N{MINUS SIGN}"
BOX_INK = 0.45  # the box around the ink is drawn in grey


def drawn_flow(context: ViewContext) -> DigitFlow:
    """Return the activations of every layer for the drawing, and the ten outputs."""
    return _flow(context, view="activations", is_main=True)


def beside(context: ViewContext) -> DigitFlow | None:
    """Return the same view of the second run or step that the learner compares with, None where there is none."""
    if context.beside is None:
        return None
    return _flow(replace(context, now=context.beside, pointed=None), view="beside", is_main=False)


def _flow(context: ViewContext, *, view: str, is_main: bool) -> DigitFlow:
    now, image = context.now, drawn_digit(context)
    answers = flow_layers(now.spec, activations(now.spec, now.snapshot.parameters, image))
    if context.chosen.sums:
        sums = pre_activations(now.spec, now.snapshot.parameters, image)
        answers[:-1] = [
            answer if isinstance(layer, Pool) else _before_activation(answer, values[0])
            for answer, layer, values in zip(answers, now.spec.layers, sums, strict=False)
        ]
    return DigitFlow(
        view=view,
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=flow_pictures(
            inked(now, image)[0],
            [
                replace(answer, sees=seen.cells, pictured=is_main and seen.pictured)
                for answer, seen in zip(answers, sight(now.spec), strict=True)
            ],
        ),
        class_names=CATALOGUE[now.dataset.name].classes,
        selected=chosen_unit(now.spec, context.chosen),
        first="your digit",
        selectable=is_main,
        pointable=is_main,
        paths=_paths_to_pointed(context, image),
        network=network_name(now.spec),
        weights=CHANNEL if is_main else None,
    )


def _before_activation(answer: FlowLayer, sums: NDArray[np.float32]) -> FlowLayer:
    return replace(answer, title=f"{answer.title.rpartition(',')[0]}, sums", values=sums)


def _paths_to_pointed(context: ViewContext, image: NDArray[np.float32]) -> FlowPaths:
    """Return the strongest paths from the pixels to the unit under the pointer; empty where there is no such unit."""
    spec, pointed = context.now.spec, context.pointed
    if pointed is None or pointed[0] > len(spec.layers) or pointed[1] >= spec.shapes[pointed[0]][0]:
        return FlowPaths()
    found = strongest_paths(spec, context.now.snapshot.parameters, image[0], *pointed)
    uppers = (pointed[0], *(layer.layer for layer in found.layers))
    links = [
        (upper, link.upper, layer.layer, link.lower, link.flow)
        for upper, layer in zip(uppers, found.layers, strict=False)
        for link in layer.connections
    ]
    return flow_paths(pointed, links, found.picture, _sum_in_words(spec, found))


def _sum_in_words(spec: NetworkSpec, found: Paths) -> str:
    """Say how the unit's pre-activation is made up: the kept paths, the dropped ones and the biases, which add up."""
    if isinstance(spec.all_layers[found.layer], Dense):
        what = unit_name(spec, found.layer, found.unit)
    else:
        what = f"Map {found.unit + 1}, all its cells together,"
    first = found.layer == 0
    if first:
        parts = [f"{_signed(found.kept)} from the pixels"]
    else:
        parts = [f"{_signed(found.kept)} over the lit ways", f"{_signed(found.dropped)} over all the others"]
    if any(not isinstance(layer, Pool) for layer in spec.all_layers[: found.layer + 1]):
        below = spec.all_layers[: found.layer]
        halves = any(not isinstance(layer, Pool) and layer.activation == "sigmoid" for layer in below)
        biases = "the bias" if first else "the biases"
        more = " and from sigmoids, which answer 0.5 to nothing" if halves else ""
        parts.append(f"{_signed(found.constant)} from {biases}{more}")
    return f"{what} adds up to {_signed(found.pre_activation)}: {', '.join(parts)}."


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", MINUS)  # + 0.0: no zero has a minus


def steps(context: ViewContext) -> DigitFlow:
    """Return the picture after each preprocessing step; a drawing given as 28 x 28 cells needs no step."""
    stages = context.drawing.stages(context.chosen.left_out)
    if stages is None:
        digit = context.drawing.digit()
        return _steps(context, digit, [FlowLayer("taken as it is", "maps", digit[None])])
    fitted = "fit_box" not in context.chosen.left_out
    moved = "centre_mass" not in context.chosen.left_out
    layers = [
        FlowLayer("its box", "maps", _boxed(stages)[None]),
        FlowLayer("scaled to 20 × 20" if fitted else "the whole pad", "maps", stages.scaled[None]),
        FlowLayer("centred" if moved else "not moved", "maps", stages.digit[None]),
    ]
    return _steps(context, stages.drawn, layers)


def _steps(context: ViewContext, picture: NDArray[np.float32], layers: list[FlowLayer]) -> DigitFlow:
    return DigitFlow(
        view="steps",
        epoch=context.now.snapshot.epoch,
        step=context.now.snapshot.step,
        pictures=flow_pictures(picture, layers),
        first="the pad",
        selectable=False,
    )


def _boxed(stages: PreprocessingStages) -> NDArray[np.float32]:
    """Return the pad's picture (side, side) with a grey frame around its ink."""
    picture = stages.drawn.copy()
    if stages.box is not None:
        height, width = picture.shape
        left, top, right, bottom = stages.box
        rows = np.clip([round(top), round(bottom) - 1], 0, height - 1)
        columns = np.clip([round(left), round(right) - 1], 0, width - 1)
        across, down = slice(columns[0], columns[1] + 1), slice(rows[0], rows[1] + 1)
        picture[rows, across] = np.maximum(picture[rows, across], BOX_INK)
        picture[down, columns] = np.maximum(picture[down, columns], BOX_INK)
    return picture
