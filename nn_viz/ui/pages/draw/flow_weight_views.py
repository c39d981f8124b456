"""View of the weights beside the drawing's activations: they depend on the network and its step, not on the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nn_viz.insight import first_weighted_layer, layer_weights, picture_block, receptive_intervals, weight_pictures
from nn_viz.network import ACTIVATION_TITLES, Conv, NetworkSpec, Parameters
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.digit_flow import Filters, FilterWalk, FlowWeights, layer_tiles

CHANNEL = "flow_weights"


@dataclass(frozen=True, slots=True)
class Sight:
    """A layer's view of the picture: each cell's receptive field, and whether its units have weight pictures.

    `cells`: the pixels [start, stop) along either axis.
    """

    cells: tuple[tuple[int, int], ...]
    pictured: bool


@lru_cache(maxsize=64)
def sight(spec: NetworkSpec) -> tuple[Sight, ...]:
    """Return the receptive fields of all layers, the output layer included; they depend on the architecture alone."""
    return tuple(
        Sight(receptive_intervals(spec, layer), picture_block(spec, layer) is not None)
        for layer in range(len(spec.all_layers))
    )


def network_name(spec: NetworkSpec) -> str:
    """Return the name by which the component matches a flow message with its weights message."""
    return f"{spec.notation}, {spec.input_size}"


def flow_weights(context: ViewContext) -> FlowWeights:
    """Return the units' weight pictures, and the exact weights of the filters that read the picture itself."""
    spec, snapshot = context.now.spec, context.now.snapshot
    return FlowWeights(
        epoch=snapshot.epoch,
        step=snapshot.step,
        network=network_name(spec),
        pictures=layer_tiles(
            [weight_pictures(spec, snapshot.parameters, layer) for layer in range(len(spec.all_layers))]
        ),
        filters=_filters(spec, snapshot.parameters),
    )


def _filters(spec: NetworkSpec, parameters: Parameters) -> Filters:
    """Return the filters of the first layer with weights (pooling may come before); none if it is no convolution."""
    layer = first_weighted_layer(spec)
    kind = spec.all_layers[layer]
    if not isinstance(kind, Conv):
        return Filters()
    return Filters(
        FilterWalk(layer, kind.stride, kind.padding, ACTIVATION_TITLES[kind.activation]),
        kernels=layer_weights(spec, parameters, layer)[:, 0],
        biases=parameters[f"{layer}.bias"],
    )
