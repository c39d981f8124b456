"""`RunAtStep`: one snapshot of one run, with its spec, settings, dataset and history.

All views of a page are drawn from the same `RunAtStep`: moving the time slider changes all of them.
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
    """`snapshot` is the one shown, `first` the one at step 0, `history` the kept snapshots.

    `is_held`: a step was chosen; otherwise the newest snapshot is shown. `run` is None before training.
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
        """Index of the first layer that has weights."""
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
        """Pixels without ink in any training picture, (size, size): no gradient moves their weights.

        All False with standardised pixels, where empty paper is not 0.
        """
        if self.config.scaling == "standardised":
            return np.zeros((self.spec.input_size, self.spec.input_size), dtype=np.bool_)
        return silent_mask(self.spec.input_size, self.config.dataset, self.config.pixel_order)


def run_at_chosen_step(choices: Choices, run: Run | None) -> RunAtStep:
    """Return the run at the step to show. Without a run, or before its first snapshot, the untrained network.

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
    """Return the untrained network, evaluated. Raises `DatasetError` when the digits cannot be read."""
    return _preview(spec.notation, spec.input_size, _start_key(config))


def _start_key(config: TrainingConfig) -> tuple[tuple[str, str], ...]:
    """The settings that the first snapshot depends on: another learning rate must not evaluate the network again."""
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
    """Return the untrained network.

    By torch on the processor: the web process must neither open a context on the graphics card nor compile kernels.
    """
    config = TrainingConfig.from_query({**dict(start), "device": "cpu"})
    trainer = Trainer(NetworkSpec.parse(notation, input_size), _dataset(config.dataset), config, backend="torch")
    return replace(trainer.snapshot(), optimiser_state={})


@cache
def _dataset(name: str) -> Dataset:
    """Return one dataset object for all sessions; an error is not cached, so that reading is tried again."""
    return load_dataset(name)


@cached
def silent_mask(input_size: int, dataset_name: str, pixel_order: str) -> NDArray[np.bool_]:
    """Return pixels that no training digit inks, (size, size), in the order in which the network gets them."""
    silent = silent_pixels(_dataset(dataset_name).train_images, input_size)
    return silent.ravel()[pixel_permutation(input_size)].reshape(silent.shape) if pixel_order == "shuffled" else silent


def dead_neurons(now: RunAtStep) -> NDArray[np.bool_]:
    """Return which neurons of a first dense ReLU layer are inactive for all of 500 training digits, (units,).

    Their sums are below 0, so these digits send no gradient to their weights. An estimate: another training digit may
    still activate one. All False at step 0; of size zero for any other first layer.
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
