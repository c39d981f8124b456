"""Views of the walk of a filter over a small picture that the learner draws, and the switches for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import CLASSICS, layer_weights
from nn_viz.network import Conv, Window
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.parameters import CANVASES, OWN, REACHES, SIDES, ConvolutionChoices
from nn_viz.ui.pages.convolution.shown_digit import shown_digit, shown_ink
from nn_viz.ui.pages.convolution.small_pictures import DRAWN, in_size, read_cells, small_digit, write_cells
from nn_viz.ui.pages.convolution.walk import Operation, Walk, walk_input
from nn_viz.ui.widgets.switches import Control, Switches
from nn_viz.ui.widgets.units import chosen_unit

CANVAS_NAMES = {
    "line": "Line",
    "upright": "Upright line",
    "slant": "Slanted line",
    "corner": "Corner",
    "cross": "Cross",
    "digit": "A digit",
    "empty": "Empty",
}
STRIDES, PADDINGS, DILATIONS = range(1, 4), range(4), range(1, 4)
HELP = {
    "walk_stride": "How many cells the filter moves on at each step.",
    "walk_padding": "How wide a border of zeros is laid around the picture.",
    "walk_dilation": "1: the filter lies on neighbouring cells. 2: on every second one, so that it spans more of them.",
}


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """The weights (k, k) that walk, and how they are named."""

    weights: NDArray[np.float32]
    name: str


def own_filter(now: RunAtStep, chosen: Choices) -> tuple[int, int] | None:
    """The (layer, unit) of the learner's own filter that can walk over a small picture; None where there is none.

    It must lie on the picture itself, as one sheet of weights, and be no larger than the small filters are.
    """
    kind = now.spec.all_layers[now.first_layer]
    if not isinstance(kind, Conv) or now.first_layer != 0 or not REACHES[0] <= kind.kernel <= REACHES[1]:
        return None
    layer, unit = chosen_unit(now.spec, chosen)
    return 0, unit if layer == 0 else 0


def walking_filter(now: RunAtStep, chosen: Choices) -> Filter:
    """Return the filter that the choices name; where there is no such filter, the first classic one."""
    own_choices = chosen.of(ConvolutionChoices)
    own = own_filter(now, chosen)
    if own_choices.kernel == OWN and own is not None:
        weights = layer_weights(now.spec, now.snapshot.parameters, 0)[own[1], 0]
        return Filter(weights, f"your filter {own[1] + 1}")
    if "," in own_choices.kernel:
        numbers = np.array([float(text) for text in own_choices.kernel.split(",")], np.float32)
        side = round(len(numbers) ** 0.5)
        return Filter(numbers.reshape(side, side), "your weights")
    row = next((row for row in CLASSICS if row.key == own_choices.kernel and own_choices.reach in row.sizes), None)
    row = row or next(row for row in CLASSICS if own_choices.reach in row.sizes)
    return Filter(row.at(own_choices.reach), row.title.lower())


def small_picture(context: ViewContext) -> NDArray[np.float32]:
    """Return the picture that the filter walks over."""
    chosen = context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    if own_choices.canvas not in CANVASES:
        return read_cells(own_choices.canvas)
    if own_choices.canvas == "digit":
        return small_digit(shown_ink(context), own_choices.side)
    return DRAWN[own_choices.canvas](own_choices.side)


def walk_small(context: ViewContext) -> Walk:
    """Return the filter's walk over the small picture."""
    now, chosen = context.now, context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    picture, walking = small_picture(context), walking_filter(now, chosen)
    own = own_choices.kernel == OWN and own_filter(now, chosen) is not None
    return Walk(
        epoch=now.snapshot.epoch if own else None,
        step=now.snapshot.step if own else None,
        pictures=walk_input(picture[None], walking.weights[None]),
        operation=Operation(
            "filter", len(walking.weights), own_choices.walk_stride, own_choices.walk_padding, own_choices.walk_dilation
        ),
        key=_key(context, own),
        kind="small",
        label="A filter walks over a small picture",
        names=("",),
        first="the picture",
        input_title="The picture: click and drag to draw",
        result_title="The map it leaves",
        result_kind="signed",
        editable=True,
        max_height=330,
    )


def walk_window(context: ViewContext) -> tuple[int, Window]:
    """Return the number of cells along a side of the small picture, and the window that walks over them."""
    chosen = context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    reach = len(walking_filter(context.now, chosen).weights)
    window = Window(reach, own_choices.walk_stride, own_choices.walk_padding, own_choices.walk_dilation)
    return len(small_picture(context)), window


def _key(context: ViewContext, own: bool) -> str:
    """Return the names of picture and filter in a link, made unique where one name can mean different ones."""
    now, chosen = context.now, context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    picture = own_choices.canvas
    if picture in CANVASES:
        picture += f" {own_choices.side}"
    if own_choices.canvas == "digit":
        picture += f" {shown_digit(context).name}"
    walking = own_choices.kernel if "," in own_choices.kernel else f"{own_choices.kernel} {own_choices.reach}"
    if own:
        walking += f" {chosen_unit(now.spec, chosen)} {now.snapshot.step} {now.spec.notation}"
    return f"{picture}|{walking}"


def canvas_switches(context: ViewContext) -> Switches:
    """Return the switches for the small picture and its size."""
    chosen = context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    side = len(small_picture(context))
    names = tuple(CANVAS_NAMES)
    pictures = Control(
        "segments",
        "Picture",
        tuple((title, {"canvas": name, "side": str(side)}) for name, title in CANVAS_NAMES.items()),
        names.index(own_choices.canvas) if own_choices.canvas in names else None,
        lead="Picture",
    )
    cells = None if own_choices.canvas in names else read_cells(own_choices.canvas)
    sizes = [
        Control(
            "segments",
            "Cells along a side",
            tuple(
                (
                    str(size),
                    {
                        "canvas": own_choices.canvas if cells is None else write_cells(in_size(cells, size)),
                        "side": str(size),
                    },
                )
                for size in range(SIDES[0], SIDES[1] + 1)
            ),
            side - SIDES[0],
            lead="Cells a side",
        )
    ]
    return Switches(controls=(pictures, *sizes))


def kernel_switches(context: ViewContext) -> Switches:
    """Return the switches for the filter and its size."""
    now, chosen = context.now, context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    walking = walking_filter(now, chosen)
    reach = len(walking.weights)
    rows = [row for row in CLASSICS if reach in row.sizes]
    options = [(row.title, {"kernel": row.key, "reach": str(reach)}) for row in rows]
    keys = [row.key for row in rows]
    own = own_filter(now, chosen)
    if own is not None:
        options.append((f"My filter {own[1] + 1}", {"kernel": OWN}))
        keys.append(OWN)
    kind = Control(
        "segments",
        "Filter",
        tuple(options),
        keys.index(own_choices.kernel) if own_choices.kernel in keys else None,
        lead="Filter",
    )
    sizes = Control(
        "segments",
        "Weights along a side",
        tuple(
            (f"{size}x{size}", _in_size(walking.weights, size, chosen)) for size in range(REACHES[0], REACHES[1] + 1)
        ),
        reach - REACHES[0],
        lead="Size",
    )
    return Switches(controls=(kind, sizes))


def _in_size(weights: NDArray[np.float32], size: int, chosen: Choices) -> Mapping[str, str]:
    """The same filter in another size: the classic of its name, or else its weights, cut or with zeros around them."""
    own_choices = chosen.of(ConvolutionChoices)
    if any(row.key == own_choices.kernel and size in row.sizes for row in CLASSICS):
        return {"kernel": own_choices.kernel, "reach": str(size)}
    if own_choices.kernel == OWN and size == len(weights):
        return {"kernel": OWN, "reach": str(size)}
    return {"kernel": ",".join(map(_weight_text, in_size(weights, size).ravel())), "reach": str(size)}


def _weight_text(weight: np.floating) -> str:
    """Return a weight in six letters at most, as the browser writes it too (`weightText` in walk_edit.js)."""
    size = abs(float(weight))
    return f"{round(float(weight), 1 if size >= 10 else 2 if size >= 1 else 3):g}"


def walk_switches(context: ViewContext) -> Switches:
    """Return the switches for the walk's stride, padding and dilation."""
    chosen = context.chosen
    own_choices = chosen.of(ConvolutionChoices)
    return Switches(
        controls=(
            _number("Stride", "walk_stride", own_choices.walk_stride, STRIDES),
            _number("Padding", "walk_padding", own_choices.walk_padding, PADDINGS),
            _number("Dilation", "walk_dilation", own_choices.walk_dilation, DILATIONS),
        )
    )


def _number(label: str, name: str, value: int, numbers: Sequence[int]) -> Control:
    options = tuple((str(number), {name: str(number)}) for number in numbers)
    index = numbers.index(value) if value in numbers else None
    return Control("segments", label, options, index, HELP[name], lead=label)
