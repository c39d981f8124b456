"""`NetworkSpec`: the layers of a network, and the shapes, counts and receptive fields that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Self

from nn_viz.network.layers import ACTIVATIONS, Activation, Conv, Dense, Layer, Local, Pool, SpecError, sanitized
from nn_viz.network.notation import layer_notation, parse_layers, write_layers
from nn_viz.network.windows import PIXEL, ReceptiveField, Window, field_above, output_size, pixels_seen

__all__ = [
    "ACTIVATIONS",
    "CLASSES",
    "INPUT_SIZES",
    "Activation",
    "Conv",
    "Dense",
    "Layer",
    "Local",
    "NetworkSpec",
    "Pool",
    "ReceptiveField",
    "Shape",
    "SpecError",
]

Shape = tuple[int, ...]

CLASSES = 10  # the ten digits
INPUT_SIZES = (28, 20)  # MNIST's 784 pixels, or its centre box of 400 pixels as in the course

# Limits of a whole network: one learner's training must leave room for thirty on two cores.
MAX_LAYERS = 8  # hidden layers; more do not fit on the page
MAX_PARAMETERS = 2_000_000  # 8 MB for each snapshot
MAX_ACTIVATIONS = 200_000  # per digit: 0.8 MB; how many digits a batch may then have, `training` says
MAX_MULTIPLY_ADDS = 20_000_000  # per digit: an epoch of 60,000 then takes minutes, not hours


@dataclass(frozen=True)
class NetworkSpec:
    """A network: ``layers`` are the hidden ones, a dense output layer of ten classes is implied.

    Layer index ``i`` counts ``layers``; index ``len(layers)`` is the output. Raises :class:`SpecError`, in
    words for a learner, for a stack that cannot be built or is too large for a shared server.
    """

    layers: tuple[Layer, ...]
    input_size: int = 28

    def __post_init__(self) -> None:
        """Refuse what cannot be built, so that a spec that exists always works."""
        if not isinstance(self.input_size, int) or self.input_size not in INPUT_SIZES:
            raise SpecError(
                f"The picture cannot be {sanitized(self.input_size)} pixels wide. "
                "Choose 28 (784 pixels) or 20 (400 pixels)."
            )
        layers: object = self.layers
        if isinstance(layers, list):  # a notebook's natural mistake; a frozen spec needs a tuple
            layers = tuple(layers)
            object.__setattr__(self, "layers", layers)
        if not isinstance(layers, tuple) or not all(isinstance(layer, Layer) for layer in layers):
            raise SpecError(
                "A network is made of Dense, Conv, Local and Pool layers. To read a text, use NetworkSpec.parse."
            )
        if len(self.layers) > MAX_LAYERS:
            raise SpecError(
                f"This network has {len(self.layers)} hidden layers; the limit is {MAX_LAYERS}. "
                f"Remove {len(self.layers) - MAX_LAYERS} of them."
            )
        _check_totals(self)

    @classmethod
    def parse(cls, notation: str, input_size: int = 28) -> Self:
        """Return the network that ``notation`` writes (see :mod:`nn_viz.network.notation`).

        Total: whatever is passed either parses or raises :class:`SpecError`, and quickly.
        """
        return cls(parse_layers(notation), input_size)

    @cached_property
    def notation(self) -> str:
        """The short text of the hidden layers; ``parse(notation, input_size)`` gives an equal spec."""
        return write_layers(self.layers)

    @cached_property
    def all_layers(self) -> tuple[Layer, ...]:
        """The hidden layers and the output layer (dense, linear: its ten numbers are the logits)."""
        return (*self.layers, Dense(CLASSES, "linear"))

    @cached_property
    def input_shapes(self) -> tuple[Shape, ...]:
        """What each layer receives, the output layer included: (channels, rows, columns) or (units,)."""
        return ((1, self.input_size, self.input_size), *self.shapes[:-1])

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """What each layer puts out, the output layer included: (8, 26, 26) for maps, (25,) for neurons."""
        shapes: list[Shape] = []
        before: Shape = (1, self.input_size, self.input_size)
        for layer in self.all_layers:
            before = _output_shape(layer, before)
            shapes.append(before)
        return tuple(shapes)

    @cached_property
    def weight_shapes(self) -> tuple[Shape | None, ...]:
        """Each layer's weights as torch lays them out, the output layer included; None for pooling.

        ``(units, inputs)`` for a dense layer, ``(filters, channels, k, k)`` for a convolution, ``(cells, channels, k,
        k)`` for a locally connected layer, cells counted row by row.
        """
        return tuple(map(_weight_shape, self.all_layers, self.input_shapes))

    @property
    def parameter_shapes(self) -> dict[str, Shape]:
        """The name and shape of every parameter array: ``{"0.weight": (25, 400), "0.bias": (25,), …}``."""
        shapes: dict[str, Shape] = {}
        for index, shape in enumerate(self.weight_shapes):
            if shape is not None:
                shapes |= {f"{index}.weight": shape, f"{index}.bias": shape[:1]}
        return shapes

    @cached_property
    def parameter_counts(self) -> tuple[int, ...]:
        """Weights and biases of each layer, the output layer included; 0 for pooling."""
        return tuple(0 if shape is None else prod(shape) + shape[0] for shape in self.weight_shapes)

    @cached_property
    def multiply_adds(self) -> tuple[int, ...]:
        """Multiplications with a weight that one digit costs in each layer.

        Those with padding's zeros are included. Adding the bias, activations and pooling are not counted, as is usual.
        """
        return tuple(
            0 if weights is None else prod(weights) * (1 if isinstance(layer, Local) else prod(shape[1:]))
            for layer, weights, shape in zip(self.all_layers, self.weight_shapes, self.shapes, strict=True)
        )

    @property
    def parameter_count(self) -> int:
        """Weights and biases in all."""
        return sum(self.parameter_counts)

    @property
    def multiply_add_count(self) -> int:
        """Multiplications with a weight in all, for one digit."""
        return sum(self.multiply_adds)

    @property
    def activation_count(self) -> int:
        """Numbers that all layers put out for one digit, the ten outputs included."""
        return sum(map(prod, self.shapes))

    @cached_property
    def receptive_fields(self) -> tuple[ReceptiveField, ...]:
        """What one unit of each layer sees of the picture, the output layer included.

        A dense layer sees all that reaches it.

        As no stride exceeds its kernel (:class:`Conv` refuses that), a field has no holes.
        """
        fields: list[ReceptiveField] = []
        for layer in self.all_layers:
            if not isinstance(layer, Dense):
                fields.append(field_above(fields[-1] if fields else PIXEL, Window(*window(layer))))
            elif fields and fields[-1].stride == 0:
                fields.append(fields[-1])
            else:
                start, stop = self._covered(len(fields))
                fields.append(ReceptiveField(size=stop - start, stride=0, start=start))
        return tuple(fields)

    def _covered(self, layers: int) -> tuple[int, int]:
        """The pixels [start, stop) along an axis that reach what stands on the first ``layers`` layers, all of maps.

        Not always the whole picture: pooling, and a stride, drop what is left over at the far edge.
        """
        stack = [Window(*window(layer)) for layer in self.layers[:layers] if not isinstance(layer, Dense)]
        if not stack:
            return 0, self.input_size
        last = self.shapes[layers - 1][1] - 1
        return pixels_seen(stack, self.input_size, 0)[0], pixels_seen(stack, self.input_size, last)[-1] + 1

    @property
    def is_convolutional(self) -> bool:
        """Whether any layer is a convolution."""
        return any(isinstance(layer, Conv) for layer in self.layers)


def window(layer: Conv | Local | Pool) -> tuple[int, int, int]:
    """``(kernel, stride, padding)`` of the window that ``layer`` walks over its maps."""
    if isinstance(layer, Pool):
        return layer.size, layer.size, 0
    if isinstance(layer, Local):
        return layer.kernel, 1, 0
    return layer.kernel, layer.stride, layer.padding


def _output_shape(layer: Layer, before: Shape) -> Shape:
    """Return the shape after ``layer``, or :class:`SpecError` where it cannot follow a shape of ``before``."""
    if isinstance(layer, Dense):
        return (layer.units,)
    if len(before) == 1:
        kind = {Conv: "A convolution", Local: "A locally connected layer", Pool: "Pooling"}[type(layer)]
        raise SpecError(
            f"{kind} needs a picture. After a dense layer there is "
            "only a row of numbers, so move it before the dense layers."
        )
    channels, side, _ = before
    kernel, stride, padding = window(layer)
    if kernel > side + 2 * padding:
        what = {Conv: "kernel", Local: "window", Pool: "pooling tile"}[type(layer)]
        advice = f"Use a {what} of at most {side}x{side}" if side >= 2 else "Remove this layer"
        raise SpecError(
            f"The {kernel}x{kernel} {what} of {layer_notation(layer)} does not fit: only {side}x{side} cells "
            f"reach this layer. {advice}, or shrink the picture less in the layers before."
        )
    cells = output_size(Window(kernel, stride, padding), side)
    maps = layer.filters if isinstance(layer, Conv) else 1 if isinstance(layer, Local) else channels
    return (maps, cells, cells)


def _weight_shape(layer: Layer, before: Shape) -> Shape | None:
    """Return the shape of the weights of ``layer`` when a shape of ``before`` reaches it."""
    if isinstance(layer, Pool):
        return None
    if isinstance(layer, Conv):
        return (layer.filters, before[0], layer.kernel, layer.kernel)
    if isinstance(layer, Local):
        return ((before[1] - layer.kernel + 1) ** 2, before[0], layer.kernel, layer.kernel)
    return (layer.units, prod(before))


def _check_totals(spec: NetworkSpec) -> None:
    """Raise :class:`SpecError` where the whole network is beyond a limit, naming the heaviest layer."""
    totals = (
        ("parameters (weights and biases)", spec.parameter_counts, MAX_PARAMETERS),
        ("activations for each digit", tuple(map(prod, spec.shapes)), MAX_ACTIVATIONS),
        ("multiplications for each digit", spec.multiply_adds, MAX_MULTIPLY_ADDS),
    )
    for what, counts, limit in totals:
        if sum(counts) > limit:
            heaviest = max(range(len(counts)), key=counts.__getitem__)
            raise SpecError(
                f"This network has {sum(counts):,} {what}; the limit is {limit:,}. "
                f"The largest share, {counts[heaviest]:,}, is in {_layer_name(spec, heaviest)}. "
                f"{_relief(spec, heaviest)}"
            )


def _layer_name(spec: NetworkSpec, index: int) -> str:
    if index == len(spec.layers):
        return "the output layer"
    return f"layer {index + 1} ({layer_notation(spec.layers[index])})"


def _relief(spec: NetworkSpec, index: int) -> str:
    """Return what to change so that layer ``index`` weighs less."""
    layer = spec.all_layers[index]
    if isinstance(layer, Dense) and len(spec.input_shapes[index]) == 3:
        return "Put pooling (p2) before it, or use fewer filters there."
    if isinstance(layer, Dense):
        return "Give it, or the layer before it, fewer neurons."
    return "Give it, or the layer before it, fewer filters, or put pooling (p2) before it."
