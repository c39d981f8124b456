"""The compiled steps against torch: gradients, evaluations, every optimiser's steps, whole trainings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import Dataset, load_dataset
from nn_viz.network import (
    Activation,
    Conv,
    Dense,
    Layer,
    Local,
    NetworkSpec,
    Pool,
    SpecError,
    build_module,
    initial_parameters,
    set_parameters,
)
from nn_viz.training import OPTIMISERS, BackendName, Snapshot, Trainer, TrainingConfig
from nn_viz.training.batches import Batches
from nn_viz.training.compiled_backend import CompiledBackend
from nn_viz.training.config import Scaling
from nn_viz.training.digits import Digits
from nn_viz.training.kernels import table as t
from nn_viz.training.kernels.plan import covers

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")
PRECISION = 1e-5
"""Of the largest number of an array."""

activations: st.SearchStrategy[Activation] = st.sampled_from(["relu", "tanh", "sigmoid", "linear"])
dense = st.builds(Dense, st.integers(1, 40), activations)
pools = st.builds(Pool, st.integers(2, 4), st.sampled_from(["max", "mean"]))


@st.composite
def convolutions(draw: st.DrawFn) -> Conv:
    kernel = draw(st.integers(2, 7))
    return Conv(
        draw(st.integers(1, 20)),
        kernel,
        draw(st.integers(1, min(3, kernel))),
        draw(st.integers(0, kernel - 1)),
        draw(activations),
    )


@st.composite
def networks(draw: st.DrawFn) -> NetworkSpec:
    local = st.builds(Local, st.integers(2, 7), activations)
    maps = draw(st.lists(st.one_of(convolutions(), pools, local), max_size=3))
    layers: list[Layer] = [*maps, *draw(st.lists(dense, max_size=3))]
    try:
        return NetworkSpec(tuple(layers), draw(st.sampled_from([20, 28])))
    except SpecError:
        assume(False)
        raise


def pictures(random: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Strokes on empty paper, in few shades: with ties in every pooling tile, and whole rows without ink."""
    shades = random.choice(np.array([0, 51, 102, 255], dtype=np.uint8), (count, size, size), p=[0.7, 0.1, 0.1, 0.1])
    shades[:, : size // 4] = 0
    return np.asarray(shades.reshape(count, -1))


def parameters_of(spec: NetworkSpec, seed: int) -> dict[str, np.ndarray]:
    """With biases, and with units that no picture wakes."""
    random = np.random.default_rng(seed)
    arrays = {name: array.copy() for name, array in initial_parameters(spec, "he", seed).items()}
    for name, array in arrays.items():
        if name.endswith("bias"):
            array += random.normal(0, 0.1, array.shape).astype(np.float32)
            if getattr(spec.all_layers[int(name.split(".")[0])], "activation", "") == "relu" and len(array) > 1:
                array[::4] -= 20
    return arrays


class OneBatch:
    """A batch of a made-up set, in the given order."""

    def __init__(self, spec: NetworkSpec, count: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        size = spec.input_size
        self.images = pictures(random, count + 5, size)
        self.labels = random.integers(0, 10, count + 5)
        padded = np.zeros((count + 5, 28, 28), dtype=np.uint8)
        border = (28 - size) // 2
        padded[:, border : border + size, border : border + size] = self.images.reshape(-1, size, size)
        data = Dataset("made", "Made up", padded, self.labels, padded[:1], self.labels[:1])
        self.config = TrainingConfig(device="cpu", batch_size=count, ledger=False)
        self.batch = Batches(spec, data, self.config, CPU).batch(0)
        self.chosen = self.batch.order.numpy()[:count]
        self.x = torch.tensor(self.images[self.chosen]).double().div(255).view(count, 1, size, size)
        self.y = torch.tensor(self.labels[self.chosen])


def gradients_by_torch(
    spec: NetworkSpec, arrays: dict[str, np.ndarray], given_batch: OneBatch, dtype: torch.dtype
) -> tuple[float, dict[str, np.ndarray]]:
    module = build_module(spec)
    set_parameters(module, arrays)
    module.to(dtype)
    loss = F.cross_entropy(module(given_batch.x.to(dtype)), given_batch.y)
    loss.backward()
    gradients = {n: p.grad.double().numpy() for n, p in module.named_parameters() if p.grad is not None}
    return float(loss.detach()), gradients


def gradients_by_kernel(
    spec: NetworkSpec, arrays: dict[str, np.ndarray], given_batch: OneBatch
) -> dict[str, np.ndarray]:
    backend = CompiledBackend(spec, replace(given_batch.config, optimiser="momentum", learning_rate=0.0))
    backend._control[t.OPTIMISER] = t.GRADIENT
    backend.restore(arrays, {}, None, 0)
    backend.train(given_batch.batch, [0.0])
    return backend._read(backend._vectors.first_moment)


@settings(max_examples=150, deadline=None)
@given(spec=networks(), count=st.integers(1, 37), seed=st.integers(0, 1000))
@example(NetworkSpec.parse("c8k3-p2-c16k3-p2", 28), 32, 0)
@example(NetworkSpec.parse("c8k3-c16k4", 28), 5, 0)
@example(NetworkSpec.parse("c6k5p2tanh-p2mean-c16k5tanh-p2mean-120tanh-84tanh", 28), 3, 0)
@example(NetworkSpec.parse("p2-25-15", 20), 32, 1)
@example(NetworkSpec.parse("none", 28), 1, 0)
def test_loss_and_gradients_are_those_of_torch(spec: NetworkSpec, count: int, seed: int) -> None:
    assume(spec.multiply_add_count < 3_000_000)
    given_batch, arrays = OneBatch(spec, count, seed), parameters_of(spec, seed)
    exact_loss, exact = gradients_by_torch(spec, arrays, given_batch, torch.float64)
    _, rounded = gradients_by_torch(spec, arrays, given_batch, torch.float32)
    backend = CompiledBackend(spec, given_batch.config)
    backend.restore(arrays, {}, None, 0)
    assert backend.train(given_batch.batch, [0.0]).loss == pytest.approx(exact_loss, rel=PRECISION, abs=1e-6)
    found = gradients_by_kernel(spec, arrays, given_batch)
    largest = max(np.abs(gradient).max() for gradient in exact.values())
    for name, expected in exact.items():
        # Where large terms nearly cancel, or a tanh is saturated, float32 cannot do better: torch's own error says so.
        rounding = np.abs(rounded[name] - expected).max()
        size = max(np.abs(expected).max(), largest / 100)
        np.testing.assert_allclose(found[name], expected, rtol=0, atol=PRECISION * size + 4 * rounding, err_msg=name)


def test_of_equal_numbers_in_a_tile_the_first_passes_the_error_on_as_in_torch() -> None:
    spec = NetworkSpec.parse("p2-c2k2-p3-4", 20)
    given_batch = OneBatch(spec, 8, 3)
    given_batch.images[:] = 255  # nothing but ties
    arrays = parameters_of(spec, 0)
    module = build_module(spec)
    set_parameters(module, arrays)
    x = torch.ones(8, 1, 20, 20)
    F.cross_entropy(module(x), given_batch.y).backward()
    backend = CompiledBackend(spec, given_batch.config)
    assert backend._plan.table[0, t.KIND] == t.MAX_POOL  # on its own, and behind the convolution
    given_batch.batch.batches.digits.images.fill_(255)
    found = gradients_by_kernel(spec, arrays, given_batch)
    for name, parameter in module.named_parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(found[name], parameter.grad.numpy(), rtol=1e-4, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("notation", ["25-15", "c8k3-p2-c16k3-p2", "p2-l3tanh-9sigmoid", "c3k4s2p1-c9k3linear-p2mean"])
@pytest.mark.parametrize("scaling", ["raw", "standardised"])
def test_an_evaluation_is_that_of_torch(notation: str, scaling: Scaling) -> None:
    spec = NetworkSpec.parse(notation, 20)
    config = TrainingConfig(device="cpu", dataset="mnist-5k", scaling=scaling, batch_size=7)
    data = load_dataset("mnist-5k")
    results = []
    for name in ("compiled", "torch"):
        trainer = Trainer(spec, data, config, backend=name)
        for _ in range(30):
            trainer.advance()
        results.append(trainer.snapshot())
    one, other = results
    assert one.tested == other.tested == 1000
    assert one.test_loss == pytest.approx(other.test_loss, rel=1e-4)
    assert one.confusion is not None and other.confusion is not None
    assert np.abs(one.confusion - other.confusion).sum() <= 4  # near ties may fall to the other side
    assert list(one.confusion.sum(1)) == list(other.confusion.sum(1))


TORCH: dict[str, Any] = {
    "adam": lambda groups, rate: torch.optim.Adam(groups, lr=rate),
    "sgd": lambda groups, rate: torch.optim.SGD(groups, lr=rate),
    "momentum": lambda groups, rate: torch.optim.SGD(groups, lr=rate, momentum=0.9),
}


@pytest.mark.parametrize("l2", [0.0, 0.01])
@pytest.mark.parametrize("name", list(TORCH))
@pytest.mark.parametrize("notation", ["9tanh-6sigmoid", "c3k3tanh-p2mean-5", "l3tanh-5", "none"])
def test_steps_are_those_of_torch_optim_with_the_penalty_on_weights_only(notation: str, name: str, l2: float) -> None:
    spec = NetworkSpec.parse(notation, 20)
    given_batch, arrays = OneBatch(spec, 24, 5), parameters_of(spec, 5)
    rate = OPTIMISERS[name].learning_rate
    backend = CompiledBackend(spec, replace(given_batch.config, optimiser=name, learning_rate=rate, l2=l2))  # type: ignore[arg-type]
    backend.restore(arrays, {}, None, 0)
    module = build_module(spec)
    set_parameters(module, arrays)
    named = dict(module.double().named_parameters())
    oracle = TORCH[name](
        [
            {"params": [p for n, p in named.items() if n.endswith("weight")], "weight_decay": l2},
            {"params": [p for n, p in named.items() if n.endswith("bias")], "weight_decay": 0.0},
        ],
        rate,
    )
    for _ in range(10):
        backend.train(given_batch.batch, [rate])
        oracle.zero_grad()
        F.cross_entropy(module(given_batch.x), given_batch.y).backward()
        oracle.step()
    got = backend.parameters()
    for parameter_name, parameter in named.items():
        expected, start = parameter.detach().numpy(), arrays[parameter_name]
        # Where a gradient nearly cancels, Adam makes a whole step of the rounding: few weights, and no more than that.
        off = np.abs(got[parameter_name] - expected) > PRECISION * max(np.abs(expected).max(), 1e-3)
        assert off.mean() < 0.002, (parameter_name, off.mean())
        assert np.abs(got[parameter_name] - expected).max() <= 2.1 * np.abs(expected - start).max()


CURVES = ("25-15", "c8k3-p2-c16k3-p2", "none", "l3-10", "12tanh-9sigmoid")


@pytest.mark.parametrize("optimiser", list(OPTIMISERS))
@pytest.mark.parametrize("notation", CURVES)
def test_a_whole_training_is_that_of_torch_within_rounding(notation: str, optimiser: str) -> None:
    spec = NetworkSpec.parse(notation, 20)
    data = load_dataset("mnist-5k")
    config = TrainingConfig(
        dataset="mnist-5k",
        device="cpu",
        epochs=1,
        optimiser=optimiser,  # type: ignore[arg-type]
        learning_rate=OPTIMISERS[optimiser].learning_rate / 4,
    )
    curves: list[list[Snapshot]] = []
    names: tuple[BackendName, ...] = ("compiled", "torch")
    for name in names:
        trainer = Trainer(spec, data, config, backend=name)
        assert trainer.backend == name
        curve = []
        while not trainer.finished:
            trainer.advance()
            if trainer.snapshot_due:
                curve.append(trainer.snapshot())
        curves.append(curve)
    for one, other in zip(*curves, strict=True):
        assert one.step == other.step
        assert one.test_loss == pytest.approx(other.test_loss, rel=2e-3)
        assert one.test_accuracy == pytest.approx(other.test_accuracy, abs=0.004)
    np.testing.assert_allclose(curves[0][3].parameters["0.weight"], curves[1][3].parameters["0.weight"], atol=2e-4)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("notation", ["25-15", "c4k3-p2-c8k3-p2"])
def test_the_same_seed_gives_the_same_bits_with_any_number_of_threads(notation: str, threads: int) -> None:
    spec, data = NetworkSpec.parse(notation, 20), load_dataset("mnist-5k")
    config = TrainingConfig(dataset="mnist-5k", device="cpu", epochs=1, augmentation=True)

    def trained() -> Snapshot:
        trainer = Trainer(spec, data, config, backend="compiled")
        for _ in range(40):
            trainer.advance()
        return trainer.snapshot()

    before = torch.get_num_threads()
    one = trained()
    torch.set_num_threads(threads)
    try:
        other = trained()
    finally:
        torch.set_num_threads(before)
    assert one.test_loss == other.test_loss
    assert one.ledger is not None and other.ledger is not None
    assert one.ledger.parts.tobytes() == other.ledger.parts.tobytes()
    for name, array in one.parameters.items():
        assert array.tobytes() == other.parameters[name].tobytes()


def test_a_loss_that_is_not_finite_changes_nothing() -> None:
    spec = NetworkSpec.parse("c3k3-p2-8", 20)
    given_batch, arrays = OneBatch(spec, 12, 2), parameters_of(spec, 2)
    arrays["0.weight"] = np.full_like(arrays["0.weight"], np.inf)
    backend = CompiledBackend(spec, given_batch.config)
    backend.restore(arrays, {}, None, 0)
    loss = backend.train(given_batch.batch, [0.1]).loss
    assert loss is not None and not np.isfinite(loss)
    for name, array in backend.parameters().items():
        np.testing.assert_array_equal(array, arrays[name])
    assert backend.sums().pictures == 0


@settings(max_examples=40, deadline=None)
@given(spec=networks())
def test_parameters_come_back_as_they_were_given(spec: NetworkSpec) -> None:
    arrays = parameters_of(spec, 1)
    backend = CompiledBackend(spec, TrainingConfig(device="cpu", batch_size=1))
    backend.restore(arrays, {}, None, 0)
    back = backend.parameters()
    assert {name: array.shape for name, array in back.items()} == spec.parameter_shapes
    for name, array in back.items():
        np.testing.assert_array_equal(array, arrays[name])
        assert array.flags.c_contiguous and not array.flags.writeable
    places = np.concatenate([index.ravel() for index in backend._plan.index.values()])
    assert len(np.unique(places)) == len(places) <= backend._plan.values  # no two in one place


def test_digits_of_a_set_that_grew_old_are_not_read() -> None:
    """Two trainings with different digits in one process: each reads its own."""
    spec = NetworkSpec.parse("5", 20)
    one, other = OneBatch(spec, 8, 1), OneBatch(spec, 8, 2)
    backend = CompiledBackend(spec, one.config)
    backend.restore(parameters_of(spec, 0), {}, None, 0)
    first = backend.train(one.batch, [0.0]).loss
    second = backend.train(other.batch, [0.0]).loss
    assert first != second
    assert backend.train(one.batch, [0.0]).loss == first


def test_an_evaluation_leaves_what_waits_for_the_ledger_alone() -> None:
    spec, data = NetworkSpec.parse("9", 20), load_dataset("mnist-5k")
    config = TrainingConfig(dataset="mnist-5k", device="cpu")
    plain, disturbed = (Trainer(spec, data, config, backend="compiled") for _ in range(2))
    digits = Digits(torch.full((50, 400), 255, dtype=torch.uint8), torch.zeros(50, dtype=torch.int64))
    for _ in range(11):
        plain.advance()
        disturbed.advance()
        list(disturbed._backend.evaluation_in_slices(digits))
    one, other = plain.snapshot().ledger, disturbed.snapshot().ledger
    assert one is not None and other is not None
    assert one.parts.tobytes() == other.parts.tobytes() and one.moments.tobytes() == other.moments.tobytes()


@settings(max_examples=60, deadline=None)
@given(spec=networks(), optimiser=st.sampled_from(list(OPTIMISERS)))
def test_there_are_kernels_for_every_network_and_optimiser(spec: NetworkSpec, optimiser: str) -> None:
    assert covers(spec, optimiser)
    assert not covers(spec, "one that is added later")
