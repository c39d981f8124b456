"""Ablation: the accuracy per class without each unit of a layer, and which other unit's answers are most like its."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nn_viz.insight.pixels import check_layer
from nn_viz.insight.responses import PREDICT_BATCH, Floats, Images
from nn_viz.network import CLASSES, NetworkSpec, Parameters, check_parameters, crop, layer_functions
from nn_viz.network.module import LayerFunctions

DENSE_BATCH = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class UnitAblation:
    """Accuracies of a network with and without each unit of a layer.

    `whole` (10,) per class with every unit, `without` (units, 10) with that unit silenced; NaN for a class without
    pictures. `all_without` (units,) over all pictures. `partner` (units,) is the unit whose answers correlate most with
    its own, `correlation` (units,) that correlation; -1 and 0 for a unit that always answers the same.
    """

    whole: Floats
    without: Floats
    all_without: Floats
    partner: NDArray[np.int64]
    correlation: Floats


def ablate_units(
    spec: NetworkSpec, parameters: Parameters, images: Images, labels: NDArray[np.integer], layer: int
) -> UnitAblation:
    """Silence each unit of ``layer`` in turn on ``images`` (n, s, s) with ``labels`` (n,).

    A silenced unit's output is 0, in all cells of a map; a silenced output is never the network's answer. The layers
    before are computed once. Raises :class:`SpecError` where there is no such layer, or the parameters belong to
    another network.
    """
    check_layer(spec, layer)
    check_parameters(spec, parameters)
    functions = layer_functions(spec, {name: torch.tensor(array) for name, array in parameters.items()})
    pictures = np.array(crop(images, spec.input_size), dtype=np.float32, order="C")
    x = torch.from_numpy(pictures).unsqueeze(1)
    length = PREDICT_BATCH if any(len(shape) == 3 for shape in spec.shapes) else DENSE_BATCH
    units = spec.shapes[layer][0]
    silence = float("-inf") if layer == len(spec.layers) else 0.0
    whole: list[Tensor] = []
    guesses: list[list[Tensor]] = [[] for _ in range(units)]
    answers: list[Tensor] = []
    with torch.inference_mode():
        for begin in range(0, len(x), length):
            outputs = _through(functions[: layer + 1], x[begin : begin + length])
            answers.append(outputs.mean(dim=(2, 3)) if outputs.ndim == 4 else outputs)
            above = functions[layer + 1 :]
            whole.append(_through(above, outputs).argmax(1))
            for unit in range(units):
                kept = outputs[:, unit].clone()
                outputs[:, unit] = silence
                guesses[unit].append(_through(above, outputs).argmax(1))
                outputs[:, unit] = kept
    truth = np.asarray(labels)
    all_guesses = np.stack([torch.cat(own).numpy() for own in guesses])
    partner, correlation = _partners(torch.cat(answers).numpy())
    return UnitAblation(
        whole=_per_class(torch.cat(whole).numpy()[None], truth)[0],
        without=_per_class(all_guesses, truth),
        all_without=(all_guesses == truth).mean(axis=1).astype(np.float32),
        partner=partner,
        correlation=correlation,
    )


def _through(functions: list[LayerFunctions], x: Tensor) -> Tensor:
    for weigh, activate in functions:
        for function in weigh:
            x = function(x)
        x = x if activate is None else activate(x)
    return x


def _per_class(guesses: NDArray[np.int64], truth: NDArray[np.integer]) -> Floats:
    """(rows, n) guesses -> (rows, 10) shares of right ones."""
    right = guesses == truth
    columns = [
        right[:, truth == label].mean(axis=1) if (truth == label).any() else np.full(len(guesses), np.nan)
        for label in range(CLASSES)
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _partners(answers: Floats) -> tuple[NDArray[np.int64], Floats]:
    """(n, units) -> the most correlated other unit of each, and Pearson's r with it."""
    centred = answers.astype(np.float64) - answers.mean(axis=0)
    lengths = np.sqrt((centred**2).sum(axis=0))
    # Rounding of a constant is no variation: a ten-millionth of the size of what is averaged.
    steady = lengths <= 1e-7 * (1e-30 + np.sqrt((answers.astype(np.float64) ** 2).sum(axis=0)))
    centred = centred / np.where(steady, 1.0, lengths)
    correlation = centred.T @ centred
    correlation[:, steady] = correlation[steady] = -np.inf
    np.fill_diagonal(correlation, -np.inf)
    partner = correlation.argmax(axis=1)
    best = correlation.max(axis=1)
    alone = ~np.isfinite(best)
    return np.where(alone, -1, partner), np.where(alone, 0.0, best).astype(np.float32)
