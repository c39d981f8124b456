"""The chosen test digit as the network gets it, and the outputs of every layer for a digit flow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import NetworkSpec, layer_titles
from nn_viz.training import ink_value, network_input, paper_value
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.run_at_step import RunAtStep
from nn_viz.ui.widgets.digit_flow import FlowLayer


def digit_index(now: RunAtStep, chosen: Choices) -> int:
    """Return which test digit is chosen: a link may ask for number 99,999 of 10,000."""
    return chosen.digit % len(now.dataset.test_images)


def digit_picture(now: RunAtStep, index: int) -> NDArray[np.float32]:
    """Return a test digit as the network gets it, float32 (1, s, s)."""
    pixels = now.dataset.test_images[index : index + 1].astype(np.float32) / 255
    return network_input(pixels, now.spec, now.config)


def inked(now: RunAtStep, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Convert pictures as the network gets them back to ink, 0 (paper) to 1, for display."""
    empty, full = paper_value(now.config), ink_value(now.config)
    return pictures if (empty, full) == (0.0, 1.0) else ((pictures - empty) / (full - empty)).clip(0, 1)


def flow_layers(spec: NetworkSpec, values: tuple[NDArray[np.float32], ...]) -> list[FlowLayer]:
    """Return every layer as the flow draws it; `values`: each layer's answer to one picture, the last one logits."""
    layers = [
        FlowLayer(title, "maps" if array.ndim == 4 else "neurons", array[0])
        for title, array in zip(layer_titles(spec)[:-1], values[:-1], strict=True)
    ]
    logits = values[-1][0].astype(np.float64)
    shares = np.exp(logits - logits.max())
    return [*layers, FlowLayer("answer", "outputs", (shares / shares.sum()).astype(np.float32))]
