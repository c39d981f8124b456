"""The view of the receptive field of the chosen unit: by arithmetic, as measured, and the table of all layers."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import NDArray

from nn_viz.insight import Footprint, activations, footprint, receptive_intervals
from nn_viz.network import Dense, NetworkSpec, Pool, layer_titles, window
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.live.snapshot_cache import at_kept_snapshot, cached_per_snapshot, training_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.convolution.field import Field, FieldLayer, MeasuredCell, UnitCell, field_layers, field_pictures
from nn_viz.ui.pages.convolution.shown_digit import shown_digit, shown_ink

PROBED = 100  # pictures over which a footprint is measured
PICTURE_SIDE = 300
HEAD = ("it sees", "moves by", "units", "weights and biases", "a dense layer would need")
WHY_SMALLER = (
    "Why they differ: arithmetic says which pixels could matter, measuring says how much each one did, on average "
    "over {count} training pictures. Pixels in the middle reach the unit along more ways than those at the edge, "
    "weights near zero pass on little, and a ReLU that is shut or a cell that loses in pooling passes on nothing."
)
WEIGHTS_THEMSELVES = (
    "Nothing stands between this unit and the picture: what is measured is the size of its weights, whatever the "
    "picture."
)
DENSE_WHOLE = (
    "Every other neuron of its layer has the same footprint, all that there is to see: nothing in the way it is wired "
    "tells it where to look. Drag the time slider back to the start and compare: what the measured footprint did not "
    "have then, training made."
)


def chosen_cell(spec: NetworkSpec, chosen: Choices) -> tuple[int, int, int | None]:
    """Return the chosen (layer, unit, cell) of any layer, limited to those of this network; by default the middle cell.

    Cells are counted row by row; a neuron has none.
    """
    layer = min(chosen.layer, len(spec.layers))
    shape = spec.shapes[layer]
    unit = min(chosen.neuron, shape[0] - 1)
    if len(shape) == 1:
        return layer, unit, None
    middle = (shape[1] // 2) * shape[2] + shape[2] // 2
    cell = middle if chosen.cell is None or chosen.cell >= prod(shape[1:]) else chosen.cell
    return layer, unit, cell


def field(context: ViewContext) -> Field:
    """Return the layers, the chosen unit's footprints, and the table."""
    now, spec = context.now, context.now.spec
    digit = shown_digit(context)
    values = activations(spec, now.snapshot.parameters, digit.picture)
    titles = layer_titles(spec)
    layers = [
        FieldLayer(
            titles[index],
            "maps" if len(spec.shapes[index]) == 3 else "neurons",
            values[index][0],
            receptive_intervals(spec, index),
            arithmetic(spec, index),
            table_row(spec, index),
            (
                spec.receptive_fields[index].start,
                spec.receptive_fields[index].start + spec.receptive_fields[index].size,
            ),
        )
        for index in range(len(spec.all_layers))
    ]
    selected = chosen_cell(spec, context.chosen)
    kept = at_kept_snapshot(now)
    found = measured(kept, *selected)
    return Field(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=field_pictures(shown_ink(context), found.picture),
        layers=field_layers(layers),
        head=HEAD,
        selected=UnitCell(*selected),
        measured=MeasuredCell(*selected, words(kept, selected[0], found)),
        input_title=digit.words,
        max_height=PICTURE_SIDE,
        notes=_notes(now),
    )


@cached_per_snapshot
def measured(now: RunAtStep, layer: int, unit: int, cell: int | None) -> Footprint:
    """Return the measured footprint of a unit at a kept snapshot."""
    spec = now.spec
    position = None if cell is None else divmod(cell, spec.shapes[layer][2])
    pictures = probes(now)
    return footprint(spec, now.snapshot.parameters, pictures, layer, unit, position)


@cached_per_snapshot
def probes(now: RunAtStep) -> NDArray[np.float32]:
    """Return the pictures over which footprints are measured."""
    return training_pictures(now, PROBED).inputs


def arithmetic(spec: NetworkSpec, layer: int) -> str:
    """A sentence with the size of the layer's receptive field, from that of the layer before: "3 + (4 - 1) x 1 = 6"."""
    kind = spec.all_layers[layer]
    fields = spec.receptive_fields
    size = fields[layer].size
    if isinstance(kind, Dense):
        if len(spec.input_shapes[layer]) == 3 and layer == 0:
            return f"It has a weight for every one of the {spec.input_size} × {spec.input_size} pixels."
        covered = "the whole picture" if fields[layer].size == spec.input_size else "all but the edge that was dropped"
        return f"It adds up everything that the layer before puts out, and that covers {covered}."
    kernel, stride, _ = window(kind)
    what = "tile" if isinstance(kind, Pool) else "window"
    if layer == 0:
        return f"A {kernel}x{kernel} {what} straight on the picture: {kernel} pixels along each side."
    below, jump = fields[layer - 1].size, fields[layer - 1].stride
    pixels = "1 pixel" if jump == 1 else f"{jump} pixels"
    moves = f" Its own next cell lies {fields[layer].stride} pixels on." if stride > 1 else ""
    return (
        f"{below} + ({kernel} − 1) × {jump} = {size} pixels along each side: one cell below sees {below}, and each of "
        f"the {kernel - 1} further cells of the {kernel}x{kernel} {what} lies {pixels} on.{moves}"
    )


def table_row(spec: NetworkSpec, layer: int) -> tuple[str, ...]:
    """Return the layer's cells of the table, in the order of `HEAD`."""
    kind, seen = spec.all_layers[layer], spec.receptive_fields[layer]
    inputs, outputs = prod(spec.input_shapes[layer]), prod(spec.shapes[layer])
    side = f"{seen.size} × {seen.size}"
    whole = isinstance(kind, Dense)
    moves = "–" if whole else f"{seen.stride} pixel{'' if seen.stride == 1 else 's'}"
    units = " × ".join(map(str, spec.shapes[layer])) + (f" = {outputs:,}" if not whole else "")
    own = spec.parameter_counts[layer]
    dense = inputs * outputs + outputs
    return (
        side + (" (all)" if seen.size == spec.input_size else ""),
        moves,
        units,
        f"{own:,}",
        "it is one" if whole else f"{dense:,}",
    )


def words(now: RunAtStep, layer: int, found: Footprint) -> tuple[str, ...]:
    """Return sentences about the measured footprint, and why it differs from the arithmetic one."""
    kind = now.spec.all_layers[layer]
    if not found.touched:
        return ("No pixel moves it, in none of the pictures: every way to it is shut at this moment.",)
    count = f"{found.effective:,} of these {found.area:,} pixels hold nine tenths of what moves it."
    direct = layer == 0 and not isinstance(kind, Pool)
    why = WEIGHTS_THEMSELVES if direct else WHY_SMALLER.format(count=len(probes(now)))
    return (count, *([DENSE_WHOLE] if isinstance(kind, Dense) else []), why)


def _notes(now: RunAtStep) -> tuple[str, ...]:
    if now.config.pixel_order == "shuffled":
        return ("The pixels are shuffled, as the network gets them: neighbours here are strangers on the digit.",)
    return ()
