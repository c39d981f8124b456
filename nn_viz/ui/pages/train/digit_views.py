"""Views of one test digit on the Train page: the activations of every layer."""

from __future__ import annotations

from nn_viz.data import CATALOGUE
from nn_viz.insight import activations
from nn_viz.ui.live.scaled_pictures import scaled_pictures
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.digit_flow import DigitFlow, flow_pictures
from nn_viz.ui.widgets.heading import Heading
from nn_viz.ui.widgets.pixel_wall import PixelWall
from nn_viz.ui.widgets.test_digit import digit_index, digit_picture, flow_layers, inked
from nn_viz.ui.widgets.units import chosen_unit

RESPONSES_HEIGHT = 210


def flow(context: ViewContext) -> DigitFlow:
    """Return the chosen test digit, every layer's activations for it, and the ten outputs."""
    now, chosen = context.now, context.chosen
    index = digit_index(now, chosen)
    image = digit_picture(now, index)
    return DigitFlow(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=flow_pictures(
            inked(now, image)[0], flow_layers(now.spec, activations(now.spec, now.snapshot.parameters, image))
        ),
        true_label=int(now.dataset.test_labels[index]),
        class_names=CATALOGUE[now.dataset.name].classes,
        selected=chosen_unit(now.spec, chosen),
    )


def responses_title(context: ViewContext) -> Heading | None:
    """Return the heading of the feature maps; None for a dense network."""
    now = context.now
    if not now.is_convolutional:
        return None
    label = int(now.dataset.test_labels[digit_index(now, context.chosen)])
    what = f"What each filter answers to this {CATALOGUE[now.dataset.name].classes[label]}, place by place:"
    return Heading(view="responses_title", text=what, is_strong=False)


def responses(context: ViewContext) -> PixelWall | None:
    """Return the feature maps of the first layer for the chosen digit; None for a dense network."""
    now, chosen = context.now, context.chosen
    if not now.is_convolutional:
        return None
    image = digit_picture(now, digit_index(now, chosen))
    maps = activations(now.spec, now.snapshot.parameters, image)[now.first_layer][0]
    return PixelWall(
        view="responses",
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        pictures=scaled_pictures(maps, kind="magnitude" if maps.min() >= 0 else "signed", scale=chosen.scale),
        labels=tuple(str(number + 1) for number in range(len(maps))),
        layer=now.first_layer,
        selected=chosen.neuron if chosen_unit(now.spec, chosen)[0] == now.first_layer else None,
        max_height=RESPONSES_HEIGHT,
        caption="Response",
        noun="filter",
        quantity="response",
    )
