"""The drawing on the pad as the network gets it, and the network's guess."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import CATALOGUE
from nn_viz.insight import predict
from nn_viz.training import network_input
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.widgets.pad.component import Pad


def drawn_digit(context: ViewContext) -> NDArray[np.float32]:
    """Return the drawing as the network gets it, float32 (1, s, s)."""
    return network_input(context.drawing.digit(context.chosen.left_out)[None], context.now.spec, context.now.config)


def pad(context: ViewContext) -> Pad:
    """Return the network's guess for the pad."""
    now, drawing = context.now, context.drawing
    guess, words = None, "The network reads while you draw."
    if not drawing.is_empty:
        shares = predict(now.spec, now.snapshot.parameters, drawn_digit(context))[0]
        guess = int(shares.argmax())
        words = f"It reads: {CATALOGUE[now.dataset.name].classes[guess]}, {shares[guess]:.0%}".replace("%", " %")
    return Pad(
        epoch=now.snapshot.epoch,
        step=now.snapshot.step,
        revision=drawing.revision,
        guess=guess,
        words=words,
        load=drawing.load,
        cells=_cells(drawing.cells) if drawing.load and drawing.cells is not None else None,
    )


def _cells(picture: NDArray[np.float32]) -> tuple[int, ...]:
    return tuple(np.rint(picture.ravel() * 255).astype(int).tolist())
