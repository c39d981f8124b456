"""The moment that a page shows: one snapshot of one network, and what belongs to it.

Every picture on a page is drawn from the same `RunAtStep`, which is why moving the time slider moves all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from nn_viz.data import Dataset, load_dataset
from nn_viz.engine import Run
from nn_viz.insight import first_weighted_layer, silent_pixels
from nn_viz.network import Conv, Dense, NetworkSpec
from nn_viz.training import Snapshot, Trainer, TrainingConfig, network_input, pixel_permutation
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.result_cache import cached


@dataclass(frozen=True)
class RunAtStep:
    """`snapshot` is what is shown, `first` the random start that it is compared with, `history` the kept snapshots.

    `is_held`: an earlier snapshot than the newest was asked for.
    """

    spec: NetworkSpec
    config: TrainingConfig
    dataset: Dataset
    snapshot: Snapshot
    first: Snapshot
    history: tuple[Snapshot, ...]
    run: Run | None
    is_held: bool = False

    @property
    def first_layer(self) -> int:
        """Index of the first layer that has weights: the one whose pictures stand on the wall."""
        return first_weighted_layer(self.spec)

    @property
    def is_convolutional(self) -> bool:
        """Whether that layer is a convolution."""
        return isinstance(self.spec.all_layers[self.first_layer], Conv)

    @property
    def weighs_pixels(self) -> bool:
        """Whether each weight of that layer belongs to one pixel of the picture."""
        return self.first_layer == 0 and isinstance(self.spec.all_layers[0], Dense)

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Pixels whose weights no training digit can move, (size, size): those without ink.

        None once pixels are standardised: paper is a number then like any other.
        """
        if self.config.scaling == "standardised":
            return np.zeros((self.spec.input_size, self.spec.input_size), dtype=np.bool_)
        return silent_mask(self.spec.input_size, self.config.dataset, self.config.pixel_order)


def run_at_chosen_step(choices: Choices, run: Run | None) -> RunAtStep:
    """The moment to show. Without a run (or before its first picture): the network as the dice left it.

    Raises `DatasetError` when the digits cannot be read.
    """
    spec, config = (choices.spec, choices.config) if run is None else (run.spec, run.config)
    dataset = _dataset(config.dataset)
    newest = None if run is None else run.newest
    if run is None or newest is None or not run.snapshots:
        start = preview(spec, config)
        return RunAtStep(spec, config, dataset, start, start, (start,), run)
    held = choices.at is not None
    shown = run.at(choices.at) if choices.at is not None else newest
    return RunAtStep(spec, config, dataset, shown, run.snapshots[0], run.snapshots, run, held)


def preview(spec: NetworkSpec, config: TrainingConfig) -> Snapshot:
    """The network as the dice left it, tested. Raises `DatasetError` when the digits cannot be read."""
    return _preview(spec.notation, spec.input_size, _start_key(config))


def _start_key(config: TrainingConfig) -> tuple[tuple[str, str], ...]:
    """What the first snapshot depends on; a changed learning rate must not evaluate the network again."""
    relevant = TrainingConfig(
        dataset=config.dataset,
        seed=config.seed,
        initialisation=config.initialisation,
        pixel_order=config.pixel_order,
        scaling=config.scaling,
        labels=config.labels,
        examples=config.examples,
        ledger=config.ledger,
    )
    return tuple(sorted({**relevant.to_query(), "dataset": config.dataset}.items()))


@cached
def _preview(notation: str, input_size: int, start: tuple[tuple[str, str], ...]) -> Snapshot:
    """The network as the dice left it. On the processor: a page must not open a context on the graphics card."""
    config = TrainingConfig.from_query({**dict(start), "device": "cpu"})
    snapshot = Trainer(NetworkSpec.parse(notation, input_size), _dataset(config.dataset), config).snapshot()
    return replace(snapshot, optimiser_state={})


@cache
def _dataset(name: str) -> Dataset:
    """One dataset object for all sessions; one that cannot be read is not kept, and tried again."""
    return load_dataset(name)


@cached
def silent_mask(spec_size: int, dataset_name: str, pixel_order: str) -> NDArray[np.bool_]:
    """Pixels that no training digit inks, (size, size), in the order in which the network gets them."""
    silent = silent_pixels(_dataset(dataset_name).train_images, spec_size)
    return silent.ravel()[pixel_permutation(spec_size)].reshape(silent.shape) if pixel_order == "shuffled" else silent


def dead_neurons(now: RunAtStep) -> NDArray[np.bool_]:
    """Which neurons of a first dense ReLU layer answer none of 500 training digits, (units,); none elsewhere.

    Their sum is below 0 for each of them, so these digits send no gradient to their weights. An estimate: another of
    the training digits may still reach one. Looked at once training has begun.
    """
    layer = now.spec.all_layers[now.first_layer]
    if not now.spec.layers or not isinstance(layer, Dense) or layer.activation != "relu" or now.first_layer > 0:
        return np.zeros(0, dtype=np.bool_)
    if now.snapshot.step == 0:
        return np.zeros(layer.units, dtype=np.bool_)
    digits = _probe(now.config.dataset, now.spec.input_size, now.config.pixel_order, now.config.scaling)
    sums = digits @ now.snapshot.parameters["0.weight"].T + now.snapshot.parameters["0.bias"]
    return np.asarray((sums <= 0).all(axis=0))


@cached
def _probe(dataset_name: str, input_size: int, pixel_order: str, scaling: str) -> NDArray[np.float32]:
    """500 training digits as rows of pixels, float32 (500, size * size)."""
    config = TrainingConfig.from_query({"dataset": dataset_name, "pixel_order": pixel_order, "scaling": scaling})
    images = _dataset(dataset_name).train_images[:500].astype(np.float32) / 255
    return network_input(images, NetworkSpec((), input_size), config).reshape(len(images), -1)
