"""Views that explain an answer: the attribution of the pixels, and one unit's pre-activation as a sum of products."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import METHODS, Contributions, attribute, incoming_contributions, pre_activations, predict
from nn_viz.network import CLASSES, Conv, Local
from nn_viz.training import MEAN, SPREAD
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw.parameters import DrawChoices
from nn_viz.ui.widgets.heading import Heading
from nn_viz.ui.widgets.pad.view import drawn_digit
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.test_digit import inked
from nn_viz.ui.widgets.units import chosen_unit, unit_name

WHY_HEIGHT = 250
SUM_HEIGHT = 190
MINUS = "\N{MINUS SIGN}"


def asked_about(context: ViewContext) -> tuple[int, int | None]:
    """Return the class to explain, by default the network's own answer, and the class to compare with or None."""
    now, chosen = context.now, context.chosen
    own_choices = chosen.of(DrawChoices)
    towards = own_choices.towards
    if towards is None:
        towards = int(predict(now.spec, now.snapshot.parameters, drawn_digit(context))[0].argmax())
    against = own_choices.against if own_choices.against != towards else None
    return min(towards, CLASSES - 1), against


def sum_title(context: ViewContext) -> Heading:
    """Return the heading that names the unit whose sum is shown."""
    spec = context.now.spec
    text = f"What {unit_name(spec, *chosen_unit(spec, context.chosen))} adds up"
    return Heading(view="sum_title", text=text)


def why(context: ViewContext) -> PixelWall:
    """Return the attribution of the answer to the pixels: positive speaks for it, negative against it."""
    own_choices = context.chosen.of(DrawChoices)
    now = context.now
    towards, against = asked_about(context)
    names = CATALOGUE[now.dataset.name].classes
    mean, spread = (MEAN, SPREAD) if now.config.scaling == "standardised" else (0.0, 1.0)
    found = attribute(
        now.spec,
        now.snapshot.parameters,
        inked(now, drawn_digit(context))[0],
        own_choices.why,
        towards,
        against,
        mean=mean,
        spread=spread,
    )
    what = names[towards] if against is None else f"{names[towards]} and not {names[against]}"
    sentence = next(method.sentence for method in METHODS if method.key == own_choices.why)
    notes = [f"On empty paper the number for “{what}” is {found.start:.2f}, with your digit {found.end:.2f}."]
    if found.gap is not None:
        total = float(found.picture.sum(dtype=np.float64))
        change = found.end - found.start
        notes.append(f"The pixels together: {total:+.2f} of this change of {change:+.2f}. The gap: {found.gap:.3f}.")
    return PixelWall(
        view="why",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(found.picture[None], kind="signed"),
        labels=(what,),
        max_height=WHY_HEIGHT,
        caption=f"Orange speaks for {what}, blue against",
        noun="why",
        quantity="adds",
        notes=(sentence, *(note.replace("-", MINUS) for note in notes)),
    )


def neuron_sum(context: ViewContext) -> PixelWall:
    """Return the inputs, weights and products that make up the chosen unit's pre-activation."""
    now = context.now
    layer, unit = chosen_unit(now.spec, context.chosen)
    image = drawn_digit(context)
    cell = _strongest_cell(context, image, layer, unit)
    made = incoming_contributions(now.spec, now.snapshot.parameters, image[0], layer, unit, cell)
    pictures, labels = _pictures(made)
    name = unit_name(now.spec, layer, unit)
    where = "" if cell is None else f" where it answers most (row {cell[0] + 1}, column {cell[1] + 1})"
    total = float(made.values.sum())
    note = f"{name}{where}: all products {total:+.3f}, bias {made.bias:+.3f}, together {made.pre_activation:+.3f}."
    return PixelWall(
        view="sum",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(
            pictures, kind="signed", scale="each" if len(labels) == 3 and len(made.values) == 1 else "wall"
        ),
        labels=tuple(labels),
        max_height=SUM_HEIGHT,
        caption="Input × weight",
        noun="",
        quantity="value",
        notes=(note.replace("-", MINUS),),
    )


def _strongest_cell(context: ViewContext, image: NDArray[np.float32], layer: int, unit: int) -> tuple[int, int] | None:
    """Return (row, column) of the largest value in a filter's map; None for a dense unit, which has no map."""
    now = context.now
    if not isinstance(now.spec.all_layers[layer], Conv | Local):
        return None
    sums = pre_activations(now.spec, now.snapshot.parameters, image)[layer][0, unit]
    row, column = np.unravel_index(int(sums.argmax()), sums.shape)
    return int(row), int(column)


def _pictures(made: Contributions) -> tuple[NDArray[np.float64], list[str]]:
    """Return pictures and labels: inputs, weights and products of a single source, or the products of each source."""
    if len(made.values) == 1:
        return np.concatenate([made.inputs, made.weights, made.values]), ["input", "weights", "input × weight"]
    return made.values, [str(source + 1) for source in range(len(made.values))]
