"""The ledger: start and parts are the weight, whoever trains how; and keeping it changes nothing."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import Dataset
from nn_viz.network import NetworkSpec, build_module, set_parameters
from nn_viz.training import (
    DECAY,
    OPTIMISERS,
    SOURCES,
    BackendName,
    Lesson,
    Snapshot,
    Trainer,
    TrainingConfig,
    compiled_backend,
    ledger_refusal,
)
from nn_viz.training.batches import Batches

pytestmark = pytest.mark.usefixtures("one_thread")
NETWORKS = ("6-5", "none", "7tanh", "c3k3-6", "c3k4s2p1tanh-p2", "p2-6", "c3k3-p2-c4k3", "l3-5", "p2-l3tanh")
BACKENDS: tuple[BackendName, ...] = ("compiled", "torch")
CPU = torch.device("cpu")
# Every step rounds each part and the weight once, by half a unit in the last place: 6e-8 of what stands there. Over N
# steps that adds up like a random walk, and the largest of thousands of weights is some four times the usual one.
ROUNDING = 6e-8


def made_digits(count: int = 160) -> Dataset:
    """Ten noisy prototypes with an empty margin of three pixels."""
    random = np.random.default_rng(3)
    prototypes = np.zeros((10, 28, 28))
    prototypes[:, 3:25, 3:25] = random.integers(0, 200, (10, 22, 22)) * (random.random((10, 22, 22)) > 0.5)

    def digits(n: int):
        labels = random.integers(0, 10, n)
        images = prototypes[labels] * random.random((n, 28, 28))
        return images.astype(np.uint8), labels.astype(np.int64)

    return Dataset("made", "Made up", *digits(count), *digits(40))


DATA = made_digits()


def config(optimiser: str = "adam", **changes: Any) -> TrainingConfig:
    settings: dict[str, Any] = {"learning_rate": OPTIMISERS[optimiser].learning_rate, "optimiser": optimiser}
    return TrainingConfig(**{"epochs": 4, "device": "cpu", "batch_size": 32, **settings, **changes})


def trained(spec: NetworkSpec, how: TrainingConfig, steps: int, start: Snapshot | None = None, **more) -> Snapshot:
    trainer = Trainer(spec, DATA, how, start, **more)
    for _ in range(steps):
        trainer.advance()
    return trainer.snapshot()


def weights_of(snapshot: Snapshot) -> np.ndarray:
    assert snapshot.ledger is not None
    return snapshot.parameters[f"{snapshot.ledger.layer}.weight"]


def assert_balances(snapshot: Snapshot, steps: int, rate: float = 0.2, batch_size: int = 1) -> None:
    """Within rounding of the largest numbers on the way: a part may have gone up by `rate` a step and down again.

    A gradient is the sum over a batch, and the ledger forms it in another order, class by class: rounding grows with
    the root of the terms.
    """
    ledger = snapshot.ledger
    assert ledger is not None
    summed = ledger.start.astype(float) + ledger.parts.astype(float).sum(axis=0)
    size = np.abs(ledger.start) + np.abs(ledger.parts).sum(axis=0) + np.abs(weights_of(snapshot))
    worst = float((np.abs(summed - weights_of(snapshot)) / (size + rate * steps)).max())
    assert worst < 4 * ROUNDING * (1 + np.sqrt(steps)) * np.sqrt(1 + batch_size / 16), worst


@settings(max_examples=40, deadline=None)
# A sum over places, and one over pictures, that nearly cancel.
@example("c3k3-6", 20, "adam", 1, "linear", 0.0, True, "natural", 4, "torch")
@example("6-5", 28, "adam", 160, "linear", 0.0, False, "shuffled", 5, "compiled")
@given(
    notation=st.sampled_from(NETWORKS),
    size=st.sampled_from([20, 28]),
    optimiser=st.sampled_from(list(OPTIMISERS)),
    batch_size=st.sampled_from([1, 7, 32, 160]),
    schedule=st.sampled_from(["linear", "constant"]),
    l2=st.sampled_from([0.0, 1e-4, 0.05]),
    augmentation=st.booleans(),
    order=st.sampled_from(["natural", "shuffled"]),
    seed=st.integers(0, 5),
    backend=st.sampled_from(["compiled", "torch"]),
)
def test_start_and_parts_are_the_weight(
    notation, size, optimiser, batch_size, schedule, l2, augmentation, order, seed, backend
) -> None:
    how = config(
        optimiser,
        batch_size=batch_size,
        schedule=schedule,
        l2=l2,
        augmentation=augmentation,
        pixel_order=order,
        seed=seed,
        epochs=8,
    )
    trainer = Trainer(NetworkSpec.parse(notation, size), DATA, how, backend=backend)
    for step in range(min(12, trainer.total_steps)):
        trainer.advance()
        if step in (0, 4, 11):
            assert_balances(trainer.snapshot(), step + 1, how.learning_rate, batch_size)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_it_still_balances_after_a_whole_training(optimiser: str) -> None:
    last = trained(NetworkSpec.parse("12-8", 20), config(optimiser, epochs=60, l2=1e-3), 300)
    assert_balances(last, 300)
    assert last.ledger is not None
    moved = np.abs(weights_of(last) - last.ledger.start).max()
    assert last.ledger.gap(weights_of(last)) < 1e-4 * moved


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("notation", ["6-5", "c3k3-p2-c4k3", "l4-5"])
def test_recording_the_ledger_changes_no_bit_of_the_training(
    notation: str, optimiser: str, backend: BackendName
) -> None:
    spec = NetworkSpec.parse(notation, 20)
    with_ledger = trained(spec, config(optimiser, l2=1e-3), 12, backend=backend)
    without = trained(spec, config(optimiser, l2=1e-3, ledger=False), 12, backend=backend)
    assert with_ledger.ledger is not None
    assert without.ledger is None
    for name, array in with_ledger.parameters.items():
        assert array.tobytes() == without.parameters[name].tobytes()


class BruteForceLedger:
    """Each class's moment in float64, fed by autograd with its digits alone, along the trainer's own path."""

    def __init__(self, spec: NetworkSpec, how: TrainingConfig) -> None:
        self.spec, self.how = spec, how
        self.module = build_module(spec).double()
        self.batches = Batches(spec, DATA, how, CPU)
        self.layer = next(i for i, shape in enumerate(spec.weight_shapes) if shape is not None)
        shape = spec.parameter_shapes[f"{self.layer}.weight"]
        self.moments = np.zeros((SOURCES, *shape))
        self.parts = np.zeros((SOURCES, *shape))
        self.beta, self.alpha = {"sgd": (0.0, 1.0), "momentum": (0.9, 1.0), "adam": (0.9, 0.1)}[how.optimiser]

    def gradients(self, step: int) -> np.ndarray:
        images, labels = self.batches.batch(step).tensors()
        weight = dict(self.module.named_parameters())[f"{self.layer}.weight"]
        size = self.spec.input_size
        rows = []
        for label in range(10):
            own = images[labels == label].double().view(-1, 1, size, size)
            if len(own) == 0:
                rows.append(np.zeros(weight.shape))
                continue
            loss = F.cross_entropy(self.module(own), labels[labels == label], reduction="sum") / len(labels)
            rows.append(torch.autograd.grad(loss, weight)[0].numpy())
        return np.stack([*rows, self.how.l2 * weight.detach().numpy()])

    def follow(self, trainer: Trainer) -> None:
        step, rate = trainer.step, trainer.learning_rate
        set_parameters(self.module, trainer.frame().parameters)
        self.moments = self.beta * self.moments + self.alpha * self.gradients(step)
        trainer.advance()
        moved = rate * self.moments
        if self.how.optimiser == "adam":
            squares = trainer.frame().optimiser_state[f"{self.layer}.weight.exp_avg_sq"].astype(float)
            moved = moved / (1 - 0.9 ** (step + 1)) / (np.sqrt(squares / (1 - 0.999 ** (step + 1))) + 1e-8)
        self.parts -= moved


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("notation", ["4-3tanh", "13-3", "none", "c2k3tanh-p2", "c2k4s2p1-5", "p2mean-4", "l3-4"])
def test_each_class_pushed_what_autograd_says(notation: str, optimiser: str, backend: BackendName) -> None:
    spec, how = NetworkSpec.parse(notation, 20), config(optimiser, l2=0.01, batch_size=24)
    trainer, brute = Trainer(spec, DATA, how, backend=backend), BruteForceLedger(spec, how)
    for _ in range(10):
        brute.follow(trainer)
    ledger = trainer.snapshot().ledger
    assert ledger is not None
    # Adam divides by what may be a small difference of large shares, so a part is as exact as the largest beside it.
    size = np.abs(brute.parts).sum(axis=0) + 1e-6
    assert (np.abs(ledger.parts - brute.parts) / size).max() < 2e-4
    assert np.abs(ledger.parts[:10]).max(axis=tuple(range(1, ledger.parts.ndim))).min() > 0


def test_decay_alone_moves_a_weight_that_no_digit_inks() -> None:
    rate, l2, steps = 0.1, 0.05, 10
    how = config("sgd", l2=l2, schedule="constant", learning_rate=rate)
    ledger = trained(NetworkSpec.parse("6-5", 28), how, steps).ledger
    assert ledger is not None
    corner, start = ledger.parts[:, :, 0], ledger.start[:, 0]
    assert not corner[:DECAY].any()
    np.testing.assert_allclose(corner[DECAY], start * ((1 - rate * l2) ** steps - 1), rtol=1e-5)


def test_without_decay_nothing_is_booked_under_it() -> None:
    ledger = trained(NetworkSpec.parse("6-5", 28), config(), 8).ledger
    assert ledger is not None
    assert not ledger.parts[DECAY].any()
    assert len(ledger.parts) == SOURCES


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("notation", ["6-5", "c3k3-p2-c4k3"])
def test_a_training_that_goes_on_goes_on_with_its_ledger(notation: str, optimiser: str) -> None:
    spec, how = NetworkSpec.parse(notation, 20), config(optimiser, l2=1e-3)
    whole = trained(spec, how, 14)
    half = pickle.loads(pickle.dumps(trained(spec, how, 5)))
    again = trained(spec, how, 9, half)
    assert whole.ledger is not None
    assert again.ledger is not None
    assert weights_of(again).tobytes() == weights_of(whole).tobytes()
    for name in ("start", "parts", "moments"):
        one, other = getattr(again.ledger, name), getattr(whole.ledger, name)
        # The compiled ledger of a dense layer sums some steps together: which ones begins anew with the snapshot.
        np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-6 * np.abs(other).max(initial=0), err_msg=name)
        if len(whole.ledger.start.shape) > 2:
            assert one.tobytes() == other.tobytes(), name
    assert again.ledger.since == 0


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_whoever_looks_at_a_ledger_changes_no_bit_of_it(optimiser: str) -> None:
    spec, how = NetworkSpec.parse("6-5", 20), config(optimiser, l2=1e-3)
    unseen, seen = (Trainer(spec, DATA, how, backend="compiled") for _ in range(2))
    for step in range(19):
        unseen.advance()
        seen.advance()
        if step % 3 == 0:
            assert seen.snapshot().ledger is not None
    one, other = unseen.snapshot().ledger, seen.snapshot().ledger
    assert one is not None and other is not None
    assert one.parts.tobytes() == other.parts.tobytes()
    assert one.moments.tobytes() == other.moments.tobytes()


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("notation", ["6-5", "p2-9tanh", "19-3"])
def test_it_does_not_matter_how_many_steps_are_entered_together(
    notation: str, optimiser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledgers = []
    for together in (1, 3, 8):
        monkeypatch.setattr(compiled_backend, "WAITING_STEPS", together)
        ledger = trained(NetworkSpec.parse(notation, 20), config(optimiser, l2=1e-3), 19, backend="compiled").ledger
        assert ledger is not None
        ledgers.append(ledger)
    for ledger in ledgers[1:]:
        for name in ("parts", "moments"):
            one, other = getattr(ledgers[0], name), getattr(ledger, name)
            np.testing.assert_allclose(one, other, rtol=2e-6, atol=2e-6 * np.abs(one).max(initial=0), err_msg=name)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_ledger_begun_on_the_way_says_what_earlier_momentum_moved(optimiser: str) -> None:
    spec = NetworkSpec.parse("6-5", 20)
    half = trained(spec, config(optimiser, ledger=False), 6)
    last = trained(spec, config(optimiser), 8, half)
    assert last.ledger is not None
    assert last.ledger.since == 6
    np.testing.assert_array_equal(last.ledger.start, half.parameters["0.weight"])
    assert_balances(last, 8)
    has_momentum = optimiser != "sgd"
    assert len(last.ledger.parts) == SOURCES + has_momentum
    assert not has_momentum or last.ledger.parts[SOURCES].any()
    assert_balances(trained(spec, config(optimiser), 3, last), 11)


@pytest.mark.parametrize("after", OPTIMISERS)
@pytest.mark.parametrize("before", OPTIMISERS)
def test_another_optimiser_or_penalty_goes_on_with_the_same_ledger(before: str, after: str) -> None:
    spec = NetworkSpec.parse("6-5", 20)
    half = trained(spec, config(before, l2=0.01), 6)
    last = trained(spec, config(after), 8, half)
    assert_balances(last, 14)
    assert half.ledger is not None
    assert last.ledger is not None
    assert last.ledger.start.tobytes() == half.ledger.start.tobytes()


def test_a_drawing_learnt_from_is_booked_under_its_answer() -> None:
    spec, how = NetworkSpec.parse("6-5", 20), config("sgd", batch_size=4)
    before = trained(spec, how, 3)
    picture = np.zeros((28, 28), dtype=np.uint8)
    picture[4:8, 4:8] = 255  # in the margin of the 20 pixels' box, where the made digits have next to nothing
    after = trained(spec, how, 4, before, lesson=Lesson(picture, 7, batches=8, share=1.0))
    assert before.ledger is not None
    assert after.ledger is not None
    gained = np.abs(after.ledger.parts - before.ledger.parts).reshape(SOURCES, -1).max(axis=1)
    assert gained[7] > 0
    assert not np.delete(gained, 7).any()
    assert_balances(after, 7)


def test_a_frame_has_no_ledger_and_a_snapshot_counts_its_bytes() -> None:
    trainer = Trainer(NetworkSpec.parse("6-5", 20), DATA, config())
    trainer.advance()
    frame, snapshot = trainer.frame(), trainer.snapshot()
    assert frame.ledger is None
    assert snapshot.ledger is not None
    weights = 6 * 400 * 4
    assert snapshot.ledger.nbytes == weights * (1 + 2 * SOURCES)
    assert snapshot.confusion is not None
    assert snapshot.nbytes == frame.nbytes + snapshot.confusion.nbytes + snapshot.ledger.nbytes
    again = pickle.loads(pickle.dumps(snapshot)).ledger
    assert again.parts.tobytes() == snapshot.ledger.parts.tobytes()
    assert not any(array.flags.writeable for array in (again.parts, again.start, again.moments, snapshot.ledger.parts))


def test_what_has_no_ledger_says_why() -> None:
    wide = NetworkSpec.parse("128-64", 28)
    assert "100,352" in (ledger_refusal(wide, config()) or "")
    assert trained(wide, config(), 1).ledger is None
    assert "switched off" in (ledger_refusal(NetworkSpec.parse("6-5", 20), config(ledger=False)) or "")
    assert ledger_refusal(NetworkSpec.parse("6-5", 20), config()) is None
