"""Searches pictures for the patches that give the units of a layer of maps their largest activations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nn_viz.insight.pixels import check_layer
from nn_viz.insight.responses import PREDICT_BATCH, Floats
from nn_viz.network import (
    NetworkSpec,
    Parameters,
    Pool,
    SpecError,
    check_parameters,
    layer_functions,
)

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class PatchSearch:
    """The best patches so far, for every unit of a layer, the best first, at most one in a picture.

    ``values`` float32 (units, k) are the units' sums there (what pooling puts out), ``images`` (units, k) the
    pictures by number, ``cells`` (units, k, 2) row and column on the map. ``done`` of ``total`` pictures have been
    searched; k is less than was asked for while these are fewer.
    """

    values: Floats
    images: Counts
    cells: Counts
    done: int
    total: int


def search_patches(
    spec: NetworkSpec,
    parameters: Parameters,
    images: NDArray[Any],
    layer: int,
    k: int = 12,
    *,
    prepare: Callable[[NDArray[Any]], Floats] | None = None,
    batch: int = PREDICT_BATCH,
) -> Iterator[PatchSearch]:
    """Search ``images`` (n, …) for the patches that excite each unit of a layer of maps most; yields after each batch.

    ``prepare`` turns a batch of them into what the network gets, float32 (m, s, s); without it they are that already.
    Units are ranked by their sums before the activation, so that those which a ReLU always silences have a best patch
    too. Equals: the earlier picture, in it the earlier cell. Raises :class:`SpecError` for a layer without maps and for
    another network's parameters.
    """
    check_parameters(spec, parameters)
    check_layer(spec, layer)
    if len(spec.shapes[layer]) != 3:
        raise SpecError(
            "A neuron of a dense layer sees the whole picture: it has no patches. Choose a layer with maps."
        )
    units, _, columns = spec.shapes[layer]
    tensors = {name: torch.tensor(array) for name, array in parameters.items()}
    functions = layer_functions(spec, tensors)[: layer + 1]
    steps = [step for weigh, activate in functions for step in (*weigh, activate) if step is not None]
    if not isinstance(spec.all_layers[layer], Pool) and functions[-1].activate is not None:
        steps.pop()
    values = torch.empty(units, 0)
    pictures = cells = torch.empty(units, 0, dtype=torch.int64)
    for begin in range(0, len(images), batch):
        part = images[begin : begin + batch]
        with torch.inference_mode():
            x = torch.tensor(part if prepare is None else prepare(part), dtype=torch.float32).unsqueeze(1)
            x = x.to(memory_format=torch.channels_last)
            for step in steps:
                x = step(x)
            best, best_cells = x.flatten(2).max(dim=2)  # (m, units): each picture's best cell
            numbers = torch.arange(begin, begin + len(part)).expand(units, -1)
            values, pictures, cells = _keep(
                k,
                torch.cat([values, best.t()], dim=1),
                torch.cat([pictures, numbers], dim=1),
                torch.cat([cells, best_cells.t()], dim=1),
            )
        found = cells.numpy()
        yield PatchSearch(
            values.numpy(),
            pictures.numpy(),
            np.stack([found // columns, found % columns], axis=-1),
            begin + len(part),
            len(images),
        )


def _keep(k: int, values: torch.Tensor, *others: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return the k best of each row, the earlier of equals first, and what belongs to them."""
    order = torch.argsort(values, dim=1, descending=True, stable=True)[:, :k]
    return values.gather(1, order), *(other.gather(1, order) for other in others)


def crop_patches(spec: NetworkSpec, layer: int, pictures: Floats, images: Counts, cells: Counts) -> Floats:
    """Return what the units at ``cells`` (…, 2) of a layer see of ``pictures``: float32 (…, size, size).

    ``images`` (…) counts ``pictures`` (n, s, s). NaN stands for what lies beyond the edge of a picture.
    """
    field = spec.receptive_fields[layer]
    side = pictures.shape[-1]
    along = np.arange(field.size)
    rows = field.start + cells[..., 0, None] * field.stride + along  # (…, size)
    columns = field.start + cells[..., 1, None] * field.stride + along
    inside = ((rows >= 0) & (rows < side))[..., :, None] & ((columns >= 0) & (columns < side))[..., None, :]
    found = pictures[
        images[..., None, None], rows.clip(0, side - 1)[..., :, None], columns.clip(0, side - 1)[..., None, :]
    ]
    return np.where(inside, found, np.float32(np.nan))


def mean_correlation(patches: Floats) -> float:
    """Return the mean of Pearson's correlations between each two of the patches (n, h, w), -1 to 1.

    Over the pixels that both have (NaN: none). A uniform patch has correlation 0 with every other. 1 for one patch.
    """
    if len(patches) < 2:
        return 1.0
    rows = patches.reshape(len(patches), -1).astype(np.float64)
    there = (~np.isnan(rows)).astype(np.float64)
    filled = np.where(there > 0, rows, 0)
    counts = np.maximum(there @ there.T, 1)
    # For each two rows the sums over the pixels that both have.
    sums = filled @ there.T
    squares = (filled**2) @ there.T
    covariances = filled @ filled.T - sums * sums.T / counts
    variances = squares - sums**2 / counts
    scale = np.sqrt(np.maximum(variances * variances.T, 0))
    matrix = np.divide(covariances, scale, out=np.zeros_like(scale), where=scale > 1e-9)
    pairs = ~np.eye(len(rows), dtype=bool)
    return float(matrix[pairs].mean().clip(-1, 1))
