"""What stands in the flow of a drawing whatever is drawn: the neurons' weight pictures, and what each cell sees."""

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
    """Of one layer: what each cell of a map sees, and whether its neurons have weight pictures.

    `cells`: the pixels [start, stop) along either axis.
    """

    cells: tuple[tuple[int, int], ...]
    pictured: bool


@lru_cache(maxsize=64)
def sight(spec: NetworkSpec) -> tuple[Sight, ...]:
    """What the layers see, the output layer included: the same for every drawing and every moment of a training."""
    return tuple(
        Sight(receptive_intervals(spec, layer), picture_block(spec, layer) is not None)
        for layer in range(len(spec.all_layers))
    )


def network_name(spec: NetworkSpec) -> str:
    """By which a flow and its weights know that they belong together."""
    return f"{spec.notation}, {spec.input_size}"


def flow_weights(context: ViewContext) -> FlowWeights:
    """The weight pictures of the neurons, and the exact weights of the filters that lie on the picture."""
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
    """The filters nearest to the picture, where the network begins with filters (pooling may come before them)."""
    layer = first_weighted_layer(spec)
    kind = spec.all_layers[layer]
    if not isinstance(kind, Conv):
        return Filters()
    return Filters(
        FilterWalk(layer, kind.stride, kind.padding, ACTIVATION_TITLES[kind.activation]),
        kernels=layer_weights(spec, parameters, layer)[:, 0],
        biases=parameters[f"{layer}.bias"],
    )
