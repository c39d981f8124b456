"""The training loop: it learns, it is exact, and it says when it has gone wrong."""

from __future__ import annotations

import pickle
from dataclasses import replace
from itertools import pairwise
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz.data import Dataset, load_dataset
from nn_viz.network import NetworkSpec, SpecError, build_module, initial_parameters, set_parameters
from nn_viz.training import (
    ConfigError,
    Diverged,
    Snapshot,
    Trainer,
    TrainingConfig,
    network_input,
    train,
)
from nn_viz.training.digits import prepare

pytestmark = pytest.mark.usefixtures("one_thread")
DENSE, CONVOLUTIONAL = NetworkSpec.parse("12-8tanh", 20), NetworkSpec.parse("c4k3-p2-c6k3-p2", 20)


def make_dataset(train_count: int = 500, test_count: int = 120, seed: int = 0) -> Dataset:
    """Ten noisy prototypes: learnable within a second, different in every digit."""
    random = np.random.default_rng(seed)
    blocks = np.random.default_rng(99).integers(0, 200, (10, 7, 7))
    prototypes = np.where(blocks > 120, blocks, 0).repeat(4, 1).repeat(4, 2)  # coarse: still there when moved a little

    def digits(count: int):
        labels = random.integers(0, 10, count)
        images = prototypes[labels] + random.integers(0, 56, (count, 28, 28))
        return images.astype(np.uint8), labels.astype(np.int64)

    return Dataset("made", "Made up", *digits(train_count), *digits(test_count))


@pytest.fixture(scope="module")
def data() -> Dataset:
    return make_dataset()


def config(**changes) -> TrainingConfig:
    return replace(TrainingConfig(epochs=3, device="cpu", batch_size=32), **changes)


def same(a: Snapshot, b: Snapshot) -> bool:
    """Equal bit by bit in everything that determines what follows."""
    for one, other in ((a.parameters, b.parameters), (a.optimiser_state, b.optimiser_state)):
        if one.keys() != other.keys():
            return False
        if any(one[name].tobytes() != other[name].tobytes() for name in one):
            return False
    return (a.step, a.epoch, a.images) == (b.step, b.epoch, b.images)


def measured(snapshot: Snapshot) -> dict[str, float]:
    """The measured numbers of a snapshot: those of the test always, those of training where it saw enough digits."""
    names = ("train_loss", "train_accuracy", "test_loss", "test_accuracy")
    found = {name: getattr(snapshot, name) for name in names}
    assert found["test_loss"] is not None and found["test_accuracy"] is not None
    return {name: value for name, value in found.items() if value is not None}


def advanced(trainer: Trainer, steps: int) -> Trainer:
    for _ in range(steps):
        trainer.advance()
    return trainer


@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL], ids=attrgetter("notation"))
@pytest.mark.parametrize("changes", [{}, {"optimiser": "sgd", "learning_rate": 0.1},
                                     {"optimiser": "momentum", "learning_rate": 0.02}, {"augmentation": True},
                                     {"pixel_order": "shuffled"}])  # fmt: skip
def test_it_learns(spec: NetworkSpec, changes: dict, data: Dataset) -> None:
    snapshots = list(train(spec, data, config(epochs=12, **changes)))
    first, last = snapshots[0], snapshots[-1]
    accuracies = [s.test_accuracy or 0.0 for s in (first, last)]
    assert accuracies[1] > 0.8 > 0.4 > accuracies[0]
    assert measured(last)["train_loss"] < measured(first)["train_loss"]
    assert measured(last)["test_loss"] < measured(first)["test_loss"]
    for name in first.parameters:
        assert not np.array_equal(first.parameters[name], last.parameters[name])


def test_snapshots_come_at_powers_of_two_and_at_the_epochs_ends(data: Dataset) -> None:
    snapshots = list(train(DENSE, data, config(epochs=2)))  # 500 digits, 32 a batch: 16 steps, the last of 20
    assert [s.step for s in snapshots] == [0, 1, 2, 4, 8, 16, 32]
    assert [s.epoch for s in snapshots] == [s.step / 16 for s in snapshots]
    assert [s.images for s in snapshots] == [0, 32, 64, 128, 256, 500, 1000]
    assert all(a.seconds <= b.seconds for a, b in pairwise(snapshots))


def test_evaluation_is_that_of_the_networks_own_module_on_the_arranged_pictures() -> None:
    data = make_dataset(200, 1700)
    settings = config(pixel_order="shuffled", epochs=1)
    for spec in (DENSE, CONVOLUTIONAL):
        for snapshot in train(spec, data, settings):
            chosen = np.arange(1700) if snapshot.epoch == 1 else np.arange(1000) * 1700 // 1000
            module = build_module(spec)
            set_parameters(module, snapshot.parameters)
            pictures = network_input(data.test_images[chosen], spec, settings)
            with torch.no_grad():
                logits = module(torch.tensor(pictures[:, None] / 255, dtype=torch.float32))
            labels = torch.tensor(data.test_labels[chosen])
            assert snapshot.confusion is not None
            assert snapshot.tested == len(chosen) == snapshot.confusion.sum()
            assert snapshot.test_loss == pytest.approx(float(F.cross_entropy(logits, labels)), rel=1e-4)
            guesses = logits.argmax(1)
            assert snapshot.test_accuracy == pytest.approx(float((guesses == labels).double().mean()), abs=1e-3)
            expected = np.zeros((10, 10), int)
            np.add.at(expected, (labels.numpy(), guesses.numpy()), 1)
            assert abs(snapshot.confusion - expected).sum() <= 4  # a near tie may fall to the other side
            np.testing.assert_array_equal(snapshot.confusion.sum(1), expected.sum(1))


@pytest.mark.parametrize("changes", [{}, {"optimiser": "momentum"}, {"optimiser": "sgd", "l2": 0.01},
                                     {"augmentation": True, "pixel_order": "shuffled"}])  # fmt: skip
@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL], ids=attrgetter("notation"))
def test_going_on_from_a_snapshot_is_the_uninterrupted_training_bit_by_bit(
    spec: NetworkSpec, changes: dict, data: Dataset
) -> None:
    settings = config(**changes)
    whole = Trainer(spec, data, settings)
    snapshot = advanced(whole, 13).snapshot()
    frame = whole.frame()
    branch = Trainer(spec, data, settings, pickle.loads(pickle.dumps(snapshot)))
    assert same(branch.frame(), snapshot) and same(frame, snapshot)
    assert not branch.snapshot_due and branch.total_steps == whole.total_steps == 48
    for steps in (1, 9, 25):  # over the end of an epoch, and to the last step
        advanced(whole, steps), advanced(branch, steps)
        assert same(whole.frame(), branch.frame())
    assert whole.finished and branch.finished
    end, other = whole.snapshot(), branch.snapshot()
    assert (end.test_loss, end.train_loss) == (other.test_loss, other.train_loss)


@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL], ids=attrgetter("notation"))
def test_two_runs_of_a_config_are_the_same_whatever_happens_around_them(spec: NetworkSpec, data: Dataset) -> None:
    settings = config(augmentation=True)
    one = Trainer(spec, data, settings)
    other = Trainer(spec, data, settings)
    torch.manual_seed(5), np.random.seed(5)
    advanced(one, 20)
    one.snapshot(), one.snapshot()  # evaluating changes nothing
    advanced(one, 3)
    torch.manual_seed(6)
    torch.rand(3)
    assert same(one.frame(), advanced(other, 23).frame())
    third = advanced(Trainer(spec, data, replace(settings, seed=1)), 23)
    assert not same(third.frame(), other.frame())


def test_training_leaves_the_globals_alone(data: Dataset) -> None:
    before = torch.get_rng_state(), torch.get_num_threads(), torch.is_grad_enabled()
    list(train(CONVOLUTIONAL, data, config(epochs=1)))
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (torch.get_num_threads(), torch.is_grad_enabled())


def test_an_epoch_shows_each_digit_once_in_an_order_of_its_own(data: Dataset) -> None:
    trainer = Trainer(DENSE, data, config())
    seen = [torch.cat([trainer._batches.batch(e * 16 + i).tensors()[0] for i in range(16)]) for e in range(2)]
    for pixels in seen:
        assert len(pixels) == 500
    by_sum = [sorted(pixels.sum(1).tolist()) for pixels in seen]
    np.testing.assert_allclose(by_sum[0], by_sum[1], rtol=1e-5)
    assert not torch.equal(seen[0], seen[1])


def test_a_changed_learning_rate_counts_from_the_next_batch_on(data: Dataset) -> None:
    spec, settings = DENSE, config(optimiser="sgd", learning_rate=0.1, schedule="constant")
    trainer = advanced(Trainer(spec, data, settings), 3)
    before = trainer.frame()
    trainer.set_learning_rate(0.0)
    still = advanced(trainer, 1).frame()
    assert all(np.array_equal(before.parameters[n], still.parameters[n]) for n in before.parameters)
    branch = Trainer(spec, data, replace(settings, learning_rate=0.2), before)
    trainer = Trainer(spec, data, settings, before)
    trainer.set_learning_rate(0.2)
    assert same(advanced(trainer, 2).frame(), advanced(branch, 2).frame())
    with pytest.raises(ConfigError):
        trainer.set_learning_rate(float("nan"))
    assert trainer.learning_rate == 0.2


def test_the_linear_schedule_sinks_evenly_to_one_step_above_zero(data: Dataset) -> None:
    trainer, rates = Trainer(DENSE, data, config(epochs=1, learning_rate=0.16)), []
    while not trainer.finished:
        rates.append(trainer.learning_rate)
        trainer.advance()
    np.testing.assert_allclose(rates, 0.16 * np.arange(16, 0, -1) / 16)


def test_a_branch_may_change_batch_size_optimiser_and_epochs(data: Dataset) -> None:
    start = advanced(Trainer(DENSE, data, config()), 24).snapshot()  # epoch 1.5
    changed = config(batch_size=125, optimiser="momentum", epochs=2)
    branch = Trainer(DENSE, data, changed, start)
    assert (branch.step, branch.epoch, branch.steps_per_epoch, branch.total_steps) == (24, 1.5, 4, 26)
    later = advanced(branch, 1).snapshot()
    resumed = Trainer(DENSE, data, changed, later)
    assert (resumed.step, resumed.total_steps) == (25, 26)
    assert same(advanced(branch, 1).frame(), advanced(resumed, 1).frame())
    assert branch.finished and branch.epoch == 2
    shorter = Trainer(DENSE, data, config(epochs=1), start)
    assert shorter.finished and list(train(DENSE, data, config(epochs=1), start)) == []
    with pytest.raises(RuntimeError, match="finished"):
        shorter.advance()
    with pytest.raises(SpecError):
        Trainer(CONVOLUTIONAL, data, config(), start)


@pytest.mark.parametrize(("train_count", "test_count", "batch_size"), [(1, 1, 64), (20, 3, 64), (65, 10, 64)])
def test_few_digits_are_enough(train_count: int, test_count: int, batch_size: int) -> None:
    data = make_dataset(train_count, test_count)
    for spec in (DENSE, CONVOLUTIONAL):
        last = list(train(spec, data, config(batch_size=batch_size)))[-1]
        assert last.epoch == 3 and last.images == 3 * train_count and last.tested == test_count


def test_no_digits_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="at least one digit"):
        Trainer(DENSE, make_dataset(0, 3), config())


@pytest.mark.parametrize("spec", [DENSE, NetworkSpec.parse("30-20", 20), CONVOLUTIONAL], ids=attrgetter("notation"))
@pytest.mark.parametrize(("optimiser", "rate"), [("sgd", 1000.0), ("momentum", 1000.0), ("adam", 1000.0)])
def test_whatever_diverges_says_so_and_yields_finite_snapshots_only(
    spec: NetworkSpec, optimiser: str, rate: float, data: Dataset
) -> None:
    yielded: list[Snapshot] = []
    explanation = None
    settings = config(optimiser=optimiser, learning_rate=rate, schedule="constant")
    try:
        yielded.extend(train(spec, data, settings))  # keeps what came before the exception
    except Diverged as error:
        explanation = pickle.loads(pickle.dumps(error)).explanation
    if explanation is not None:
        assert f"learning rate {rate:g} is too large" in explanation and "Try 0" in explanation
    assert yielded
    for snapshot in yielded:
        arrays = [*snapshot.parameters.values(), *snapshot.optimiser_state.values()]
        assert all(np.isfinite(array).all() for array in arrays)
        assert np.isfinite(list(measured(snapshot).values())).all()


def test_divergence_is_noticed_at_the_step_where_it_happens(data: Dataset) -> None:
    spec = NetworkSpec.parse("30linear-20linear", 20)
    trainer = Trainer(spec, data, config(optimiser="sgd", learning_rate=50.0))
    with pytest.raises(Diverged, match=r"at step \d+: the learning rate 50 is too large. Try 0.2,") as error:
        advanced(trainer, 48)
    assert 0 < trainer.step == error.value.step < 20
    with pytest.raises(Diverged):
        trainer.snapshot()


def test_weights_that_are_not_finite_never_become_a_snapshot(data: Dataset) -> None:
    start = Trainer(DENSE, data, config()).snapshot()
    weights = start.parameters["0.weight"].copy()
    weights[0, 3] = float("nan")
    broken = replace(start, parameters={**start.parameters, "0.weight": weights})
    trainer = Trainer(DENSE, data, config(), start=broken)
    with pytest.raises(Diverged, match="weights became infinite"):
        trainer.frame()


def test_a_snapshot_cannot_be_changed_not_even_after_pickling(data: Dataset) -> None:
    trainer = Trainer(DENSE, data, config())
    snapshot = advanced(trainer, 2).snapshot()
    kept = {name: array.copy() for name, array in snapshot.parameters.items()}
    for one in (snapshot, pickle.loads(pickle.dumps(snapshot)), replace(snapshot, epoch=9.0)):
        for array in (*one.parameters.values(), *one.optimiser_state.values(), one.confusion):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0
        with pytest.raises(TypeError):
            one.parameters["0.bias"] = np.zeros(12, np.float32)  # type: ignore[index]
        with pytest.raises(AttributeError):
            one.step = 3  # type: ignore[misc]
    mine = {"0.bias": np.ones(2, np.float32)}
    of_mine = replace(snapshot, parameters=mine)
    mine["0.bias"][:] = 7  # the caller's own array stays writeable and is not shared
    assert of_mine.parameters["0.bias"].tolist() == [1, 1]
    advanced(trainer, 2)
    assert all(np.array_equal(snapshot.parameters[name], kept[name]) for name in kept)


def test_step_zero_is_the_initialisation_and_a_frame_tests_nothing(data: Dataset) -> None:
    trainer = Trainer(DENSE, data, config(seed=4, initialisation="lecun"))
    frame, first = trainer.frame(), trainer.snapshot()
    assert frame.is_frame and frame.train_loss is None and frame.test_accuracy is None
    for name, array in initial_parameters(DENSE, "lecun", 4).items():
        np.testing.assert_array_equal(first.parameters[name], array)
    assert not first.is_frame and first.train_loss is not None and first.step == 0
    seen = 0
    while seen < 250:  # a mean over fewer digits would jump up and down
        assert trainer.frame().train_loss is None
        seen += trainer._batches.batch(trainer.step).count
        trainer.advance()
    assert trainer.frame().train_loss is not None


def test_train_means_are_those_of_the_batches_since_the_last_snapshot(data: Dataset) -> None:
    """With a rate of 0 the means over one epoch are those over all digits."""
    trainer = Trainer(DENSE, data, config(learning_rate=0.0, epochs=2))
    first = trainer.snapshot()  # 500 digits: all of them are the sample
    end = advanced(trainer, 16).snapshot()
    assert end.train_loss == pytest.approx(first.train_loss, rel=1e-5)
    assert end.train_accuracy == first.train_accuracy


def test_silent_pixels_keep_their_random_start(data: Dataset) -> None:
    images = data.train_images.copy()
    images[:, 10, 10] = 0
    blind = replace(data, train_images=images)
    first, *_, last = train(DENSE, blind, config())
    moved = np.abs(last.parameters["0.weight"] - first.parameters["0.weight"]).reshape(12, 20, 20).max(0)
    assert moved[6, 6] == 0 and (moved > 0).sum() == 399


def test_prepared_digits_are_shared_by_datasets_over_the_same_files_and_by_no_others() -> None:
    cpu = torch.device("cpu")
    one, other = load_dataset("mnist-5k"), load_dataset("mnist-5k")
    assert one is not other
    assert prepare(one, 20, "natural", cpu) is prepare(other, 20, "natural", cpu)
    assert prepare(one, 20, "natural", cpu) is not prepare(one, 28, "natural", cpu)
    arrays = one.train_images[:50], one.train_labels[:50], one.test_images, one.test_labels
    assert len(prepare(Dataset("first fifty", "", *arrays), 20, "natural", cpu).train) == 50


def test_digits_that_somebody_may_change_are_prepared_anew() -> None:
    cpu = torch.device("cpu")
    made = make_dataset(50, 20)
    arrays: list[Any] = [
        np.array(each) for each in (made.train_images, made.train_labels, made.test_images, made.test_labels)
    ]
    before = prepare(Dataset("made", "", *arrays), 28, "natural", cpu)
    arrays[0][:] = 7
    after = prepare(Dataset("made", "", *arrays), 28, "natural", cpu)
    assert (after.train.images == 7).all() and not (before.train.images == 7).all()


def test_a_loss_that_is_still_a_number_but_hopeless_stops_the_training(data: Dataset) -> None:
    yielded: list[Snapshot] = []
    with pytest.raises(Diverged, match=r"grew to .*learning rate 1000 is too large. Try 0.2") as stopped:
        yielded.extend(train(DENSE, data, config(optimiser="sgd", learning_rate=1000.0)))
    assert stopped.value.step >= 1
    assert yielded[0].step == 0
    assert all(snapshot.test_loss is not None and snapshot.test_loss < 1000 for snapshot in yielded)
