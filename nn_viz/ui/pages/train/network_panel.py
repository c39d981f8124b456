"""Panel that chooses the architecture: a preset, single layers, the input size; with a drawing of the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from nn_viz.figures import network_drawing
from nn_viz.network import (
    ACTIVATION_TITLES,
    DEFAULT_PRESET,
    PRESETS,
    Conv,
    Dense,
    Layer,
    Local,
    NetworkSpec,
    Pool,
    SpecError,
    layer_titles,
)
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.pages.train.network_drawing.drawing import drawing
from nn_viz.ui.widgets.bound_widget import bound

Layers = tuple[Layer, ...]

OWN = "your own"
KINDS = {"dense": DEFAULT_PRESET.key, "convolution": "conv"}
NEW_LAYERS: dict[str, Layer] = {
    "Dense layer": Dense(15),
    "Convolution": Conv(8, 3),
    "Unshared windows": Local(3),
    "Pooling": Pool(2),
}
SIZES = {28: "784 pixels", 20: "400 pixels"}


@dataclass(frozen=True, slots=True)
class _Number:
    attribute: str
    label: str
    help: str


@dataclass(frozen=True, slots=True)
class _Choice:
    attribute: str
    label: str
    options: Mapping[Any, str]
    help: str


_ACTIVATION = _Choice(
    "activation",
    "Activation",
    ACTIVATION_TITLES,
    "What a neuron makes of its sum. ReLU: what is negative becomes 0.",
)

# The attributes that can be edited in each kind of layer.
EDITORS: dict[type, tuple[_Number | _Choice, ...]] = {
    Dense: (
        _Number("units", "Neurons", "Each neuron gets all values of the layer before."),
        _ACTIVATION,
    ),
    Conv: (
        _Number("filters", "Filters", "Each filter walks over the whole picture and leaves one map."),
        _Number("kernel", "Filter size", "3 means that the filter sees 3x3 pixels at a time."),
        _Number("stride", "Stride", "How many pixels the filter moves at each step."),
        _Number(
            "padding",
            "Padding",
            "Zeros put around the picture, so that its edge is seen as often.",
        ),
        _ACTIVATION,
    ),
    Local: (
        _Number("kernel", "Window", "3 means that every neuron sees 3x3 pixels, with weights of its own."),
        _ACTIVATION,
    ),
    Pool: (
        _Number("size", "Size", "2 means that every 2x2 cells become one."),
        _Choice("kind", "Keeps", {"max": "the largest", "mean": "the mean"}, "What stays of each square of cells."),
    ),
}


def network_panel(chosen: Choices) -> None:
    """Draw the choice of the network. The reason why a change was refused is shown at the control that made it."""
    spec = chosen.spec
    refused_at, sentence = st.session_state.pop("refused", ("", ""))
    _kind_and_preset(spec)
    st.caption(f"Layers · {spec.parameter_count:,} weights to learn")
    with st.container(gap="xsmall", key="layers"):
        for index, layer in enumerate(spec.layers):
            _layer_row(spec, index, layer, sentence if refused_at == f"layer_{index}" else "")
        _add_layer(sentence if refused_at == "add_layer" else "")
    bound(
        st.segmented_control,
        "Picture",
        key="input_size",
        value=spec.input_size,
        apply=lambda size: _build("input_size", lambda now: replace(now, input_size=size)),
        options=list(SIZES),
        format_func=SIZES.__getitem__,
        required=True,
        help="784: the whole 28x28 picture. 400: its middle 20x20, where nearly all the ink is; some lose an edge.",
    )
    with st.container(key="refused"):  # always there, so that what follows is not mounted again when a warning comes
        if sentence:  # here as well: the popover of the layer may be closed by now
            st.warning(sentence)
    drawing(network_drawing(spec, layer_titles(spec)), key="drawing", view="network")


def change_network(spec: NetworkSpec) -> None:
    """Show another network. A run of the old one is detached: paused, and offered to be brought back."""
    if spec != session.choices().spec:
        session.detach()
        session.choose(spec=spec, layer=0, neuron=0)


def _build(control: str, change: Callable[[NetworkSpec], NetworkSpec]) -> None:
    """Apply a change to the network chosen now, or keep why it is refused, with the key of the control that made it.

    Not to the network when the panel was drawn: two quick edits may arrive before it is drawn again.
    """
    try:
        change_network(change(session.choices().spec))
    except SpecError as error:
        st.session_state.refused = (control, str(error))


def _build_layers(control: str, change: Callable[[Layers], Layers]) -> None:
    _build(control, lambda now: replace(now, layers=change(now.layers)))


def _kind_and_preset(spec: NetworkSpec) -> None:
    by_key = {preset.key: preset for preset in PRESETS}
    current = next((p.key for p in PRESETS if p.spec == spec), OWN)
    bound(
        st.segmented_control,
        "Kind of network",
        key="kind",
        value="convolution" if spec.is_convolutional else "dense",
        apply=lambda kind: change_network(by_key[KINDS[kind]].spec),
        options=list(KINDS),
        required=True,
        help="Dense: every neuron gets every pixel. Convolution: small filters walk over the picture.",
        label_visibility="collapsed",
    )
    bound(
        st.selectbox,
        "Network",
        key="preset",
        value=current,
        apply=lambda key: change_network(by_key[key].spec if key in by_key else spec),
        options=[*by_key, *([OWN] if current == OWN else [])],
        format_func=lambda key: by_key[key].title if key in by_key else f"Your own: {spec.notation}",
        help=by_key[current].sentence if current in by_key else "A network of your own.",
    )


def _layer_row(spec: NetworkSpec, index: int, layer: Layer, refused: str) -> None:
    control = f"layer_{index}"
    with st.popover(layer_titles(spec)[index], width="stretch", key=control):
        for editor in EDITORS[type(layer)]:
            _edit(control, index, layer, editor)
        if refused:
            st.warning(refused)
        with st.container(horizontal=True):
            _layer_button("Move up", control, lambda layers: _moved(layers, index, index - 1), enabled=index > 0)
            last = len(spec.layers) - 1
            _layer_button("Move down", control, lambda layers: _moved(layers, index, index + 1), enabled=index < last)
            _layer_button("Remove", control, lambda layers: layers[:index] + layers[index + 1 :])


def _layer_button(label: str, control: str, change: Callable[[Layers], Layers], *, enabled: bool = True) -> None:
    key = f"{control}_{label}"
    st.button(label, key=key, disabled=not enabled, on_click=_build_layers, args=(control, change))


def _edit(control: str, index: int, layer: Layer, editor: _Number | _Choice) -> None:
    common: dict[str, Any] = {
        "key": f"{control}_{editor.attribute}",
        "value": getattr(layer, editor.attribute),
        "apply": lambda value: _build_layers(control, lambda now: _with(now, index, {editor.attribute: value})),
        "help": editor.help,
    }
    if isinstance(editor, _Number):
        # No bounds here: the browser would refuse a number without a reason, `NetworkSpec` says what is wrong with it.
        bound(st.number_input, editor.label, **common, step=1)
    else:
        words = editor.options
        bound(st.selectbox, editor.label, **common, options=list(words), format_func=words.__getitem__)


def _add_layer(refused: str) -> None:
    with st.popover("Add a layer", type="tertiary", key="add_layer"):
        for label, layer in NEW_LAYERS.items():
            st.button(
                label,
                key=f"add_{label}",
                width="stretch",
                on_click=_build_layers,
                args=("add_layer", partial(_inserted, new=layer)),
            )
        if refused:
            st.warning(refused)


def _inserted(layers: Layers, new: Layer) -> Layers:
    """Insert a layer where it is possible: a dense one at the end, any other before the first dense one."""
    if isinstance(new, Dense):
        return (*layers, new)
    first_dense = next((i for i, layer in enumerate(layers) if isinstance(layer, Dense)), len(layers))
    return (*layers[:first_dense], new, *layers[first_dense:])


def _moved(layers: Layers, index: int, to: int) -> Layers:
    rest = [*layers[:index], *layers[index + 1 :]]
    rest[to:to] = layers[index : index + 1]
    return tuple(rest)


def _with(layers: Layers, index: int, changes: dict[str, Any]) -> Layers:
    return (*layers[:index], *(replace(layer, **changes) for layer in layers[index : index + 1]), *layers[index + 1 :])
