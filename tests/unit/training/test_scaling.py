"""Standardised pixels, random labels, fewer examples: what a training gets, against plain torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from nn_viz.data import Dataset
from nn_viz.insight import attribute, predict
from nn_viz.network import NetworkSpec, build_module, initial_parameters, set_parameters
from nn_viz.training import (
    MEAN,
    SPREAD,
    Diverged,
    Lesson,
    Trainer,
    TrainingConfig,
    example_indices,
    ink_value,
    network_input,
    paper_value,
    train,
    training_labels,
    training_set,
)
from nn_viz.training.batches import Batches
from nn_viz.training.digits import prepare

pytestmark = pytest.mark.usefixtures("one_thread")
CPU = torch.device("cpu")
SPEC = NetworkSpec.parse("6-5", 20)


def made(count: int = 200, seed: int = 1) -> Dataset:
    random = np.random.default_rng(seed)
    prototypes = random.integers(0, 180, (10, 28, 28)) * (random.random((10, 28, 28)) > 0.6)

    def digits(n: int):
        labels = random.integers(0, 10, n)
        return (prototypes[labels] + random.integers(0, 60, (n, 28, 28))).astype(np.uint8), labels.astype(np.int64)

    return Dataset("made", "Made up", *digits(count), *digits(60))


DATA = made()


def config(**changes: Any) -> TrainingConfig:
    return TrainingConfig(**{"epochs": 2, "device": "cpu", "batch_size": 20, **changes})


# ---- standardised pixels


@pytest.mark.parametrize("order", ["natural", "shuffled"])
@pytest.mark.parametrize("augmentation", [False, True])
def test_a_standardised_batch_is_the_raw_one_shifted_and_stretched(order: str, augmentation: bool) -> None:
    lesson = Lesson(DATA.train_images[0], 3)
    raw, standardised = (
        Batches(SPEC, DATA, config(scaling=s, pixel_order=order, augmentation=augmentation), CPU, lesson)
        for s in ("raw", "standardised")
    )
    plain, labels = raw.batch(3, with_lesson=True).tensors()
    found, same = standardised.batch(3, with_lesson=True).tensors()
    np.testing.assert_allclose(found, (plain.numpy() - 0.1307) / 0.3081, atol=2e-6)
    np.testing.assert_array_equal(labels, same)


@pytest.mark.parametrize("order", ["natural", "shuffled"])
def test_pictures_on_a_page_are_arranged_as_in_training(order: str) -> None:
    how = config(scaling="standardised", pixel_order=order)
    bytes_in = network_input(DATA.test_images, SPEC, how)
    floats_in = network_input(DATA.test_images.astype(np.float32) / 255, SPEC, how)
    raw = network_input(DATA.test_images, SPEC, config(pixel_order=order))
    assert bytes_in.dtype == floats_in.dtype == np.float32
    np.testing.assert_allclose(bytes_in, (raw / 255 - MEAN) / SPREAD, atol=1e-6)
    np.testing.assert_allclose(floats_in, bytes_in, atol=1e-6)
    again = network_input(np.zeros((1, 28, 28), np.uint8), SPEC, how)
    np.testing.assert_allclose(again, paper_value(how), rtol=1e-6)
    np.testing.assert_allclose(network_input(np.full((1, 28, 28), 255, np.uint8), SPEC, how), ink_value(how), rtol=1e-6)


def test_a_training_on_standardised_pixels_is_what_plain_torch_makes_of_them() -> None:
    how = config(scaling="standardised", optimiser="sgd", learning_rate=0.1, schedule="constant", l2=0.01)
    trainer = Trainer(SPEC, DATA, how)
    module = build_module(SPEC)
    set_parameters(module, initial_parameters(SPEC, how.initialisation, how.seed))
    weights = [p for name, p in module.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in module.named_parameters() if name.endswith("bias")]
    groups: list[dict[str, Any]] = [{"params": weights, "weight_decay": 0.01}, {"params": biases}]
    optimiser = torch.optim.SGD(groups, lr=0.1)
    batches = Batches(SPEC, DATA, config(), CPU)
    for step in range(10):
        pixels, labels = batches.batch(step).tensors()
        optimiser.zero_grad()
        F.cross_entropy(module((pixels.view(-1, 1, 20, 20) - 0.1307) / 0.3081), labels).backward()
        optimiser.step()
        trainer.advance()
    snapshot = trainer.snapshot()
    for name, parameter in module.named_parameters():
        np.testing.assert_allclose(snapshot.parameters[name], parameter.detach(), atol=2e-5)
    guesses = predict(SPEC, snapshot.parameters, network_input(DATA.test_images, SPEC, how)).argmax(axis=1)
    assert snapshot.test_accuracy == pytest.approx((guesses == DATA.test_labels).mean())


def test_silent_pixels_move_all_alike_once_they_are_standardised() -> None:
    empty = Dataset(
        "empty corner",
        "Made up",
        np.where(np.arange(28) < 8, 0, DATA.train_images).astype(np.uint8),
        DATA.train_labels,
        DATA.test_images,
        DATA.test_labels,
    )
    for scaling in ("raw", "standardised"):
        first, *_, last = train(SPEC, empty, config(scaling=scaling, optimiser="sgd", learning_rate=0.05))
        change = (last.parameters["0.weight"] - first.parameters["0.weight"]).reshape(6, 20, 20)[:, :, :4]
        if scaling == "raw":
            assert not change.any()
        else:
            assert np.abs(change).max() > 1e-3
            assert (np.ptp(change.reshape(6, -1), axis=1) < 1e-5).all()


def test_an_answer_is_explained_by_the_ink_whatever_the_scaling() -> None:
    parameters = initial_parameters(SPEC, seed=2)
    # The same network over raw pixels: W (x - m) / s + b
    folded = {
        **parameters,
        "0.weight": parameters["0.weight"] / SPREAD,
        "0.bias": parameters["0.bias"] - parameters["0.weight"].sum(axis=1) * MEAN / SPREAD,
    }
    image = DATA.test_images[0]
    for method in ("occlusion", "gradient", "gradient-ink", "integrated-gradients"):
        here = attribute(SPEC, parameters, image, method, 3, mean=MEAN, spread=SPREAD)
        there = attribute(SPEC, folded, image, method, 3)
        np.testing.assert_allclose(here.picture, there.picture, atol=1e-4)
        assert here.start == pytest.approx(there.start, abs=1e-4)
        assert here.end == pytest.approx(there.end, abs=1e-4)


# ---- fewer examples, random labels


@given(st.lists(st.integers(0, 9), min_size=1, max_size=120), st.data())
def test_examples_are_spread_over_the_classes_and_fewer_begin_more(labels, data) -> None:
    labels = np.array(labels)
    count = data.draw(st.integers(1, len(labels)))
    chosen = example_indices(labels, count)
    assert len(set(chosen.tolist())) == count
    wanted = np.bincount(labels, minlength=10) * count / len(labels)
    assert np.abs(np.bincount(labels[chosen], minlength=10) - wanted).max() < 2.5
    if count < len(labels):
        more = example_indices(labels, data.draw(st.integers(count, len(labels) - 1)) or count)
        np.testing.assert_array_equal(more[:count], chosen)


def test_none_or_too_many_are_all_in_their_order() -> None:
    for count in (0, 200, 10**6):
        np.testing.assert_array_equal(example_indices(DATA.train_labels, count), np.arange(200))


def test_a_training_sees_its_examples_and_no_others() -> None:
    how = config(examples=60, batch_size=25)
    images, labels = training_set(DATA, how)
    assert images.shape == (60, 28, 28)
    batches = Batches(SPEC, DATA, how, CPU)
    assert batches.per_epoch == 3
    seen = torch.cat([batches.batch(i).tensors()[0] for i in range(3)]).numpy()
    expected = network_input(images, SPEC, how).reshape(60, -1).astype(np.float32) * np.float32(1 / 255)
    np.testing.assert_array_equal(seen[np.lexsort(seen.T)], expected[np.lexsort(expected.T)])
    assert Trainer(SPEC, DATA, how).steps_per_epoch == 3
    assert sorted(labels) == sorted(torch.cat([batches.batch(i).tensors()[1] for i in range(3)]).tolist())


def test_random_labels_are_one_throw_for_all_and_the_test_stays_true() -> None:
    for seed in (0, 1):
        how = config(labels="random", seed=seed, examples=100)
        batches = Batches(SPEC, DATA, how, CPU)
        label_of = {}
        for i in range(batches.per_epoch):
            for pixels, label in zip(*batches.batch(i).tensors(), strict=True):
                label_of[pixels.numpy().tobytes()] = int(label)
        images, labels = training_set(DATA, how)
        rows = network_input(images, SPEC, how).reshape(100, -1).astype(np.float32) * np.float32(1 / 255)
        assert [label_of[row.tobytes()] for row in rows] == labels.tolist()
    truth = DATA.train_labels[example_indices(DATA.train_labels, 100)]
    assert 0.02 < (labels == truth).mean() < 0.25
    counts = np.bincount(training_labels(np.zeros(5000, int), "random"), minlength=10)
    assert counts.min() > 400
    prepared = prepare(DATA, 20, "natural", CPU, labels="random", examples=100)
    np.testing.assert_array_equal(prepared.test.labels, DATA.test_labels)


def test_random_labels_can_be_learnt_by_heart_but_not_understood() -> None:
    spec = NetworkSpec.parse("40", 20)
    how = config(labels="random", examples=100, epochs=80, learning_rate=5e-3)
    *_, last = train(spec, DATA, how)
    images, labels = training_set(DATA, how)
    assert (predict(spec, last.parameters, images).argmax(axis=1) == labels).mean() > 0.9
    assert last.test_accuracy is not None
    assert last.test_accuracy < 0.35


def test_prepared_digits_are_shared_between_equal_settings_only() -> None:
    one = prepare(DATA, 20, "natural", CPU, labels="random", examples=100)
    assert prepare(DATA, 20, "natural", CPU, labels="random", examples=100) is one
    others = [
        prepare(DATA, 20, "natural", CPU, labels="true", examples=100),
        prepare(DATA, 20, "natural", CPU, labels="random", examples=99),
        prepare(DATA, 20, "shuffled", CPU, labels="random", examples=100),
        prepare(DATA, 20, "natural", CPU),
    ]
    assert all(other is not one for other in others)
    assert prepare(DATA, 20, "natural", CPU, examples=10**6) is others[-1]


def test_a_start_that_is_far_too_large_can_be_looked_at_and_is_named_when_it_blows_up() -> None:
    spec = NetworkSpec.parse("30-30-30-30-30", 20)
    trainer = Trainer(spec, DATA, config(initialisation="too-large", optimiser="sgd", learning_rate=0.2))
    first = trainer.snapshot()
    assert first.test_loss is not None
    assert first.test_loss > 1000
    trained = train(spec, DATA, trainer.config, first)
    with pytest.raises(Diverged, match=r"far too large\. Choose another start of the weights\.$"):
        list(trained)


@pytest.mark.parametrize("epochs", [3, 41, 200])
def test_of_many_short_epochs_some_forty_are_kept_and_the_last_is_tested_in_full(epochs) -> None:
    """A hundred examples, hundreds of epochs: with each one's end kept there would be more testing than training."""
    how = config(examples=50, batch_size=50, epochs=epochs)
    kept = list(train(NetworkSpec.parse("3"), DATA, how))
    assert kept[-1].epoch == epochs
    assert kept[-1].tested == len(DATA.test_labels)
    ends = [snapshot.epoch for snapshot in kept if snapshot.epoch == int(snapshot.epoch) and snapshot.step > 1]
    assert len(ends) <= 42
    gaps = np.diff(ends)
    assert gaps.size == 0 or gaps.max() - gaps.min() <= gaps.max() / 2 + 4  # evenly
    if epochs <= 40:
        assert ends == list(range(2, epochs + 1))
