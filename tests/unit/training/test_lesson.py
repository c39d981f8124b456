"""A lesson: what it is, what it puts into which batches, and that the network reads the picture afterwards."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from nn_viz import Lesson as LessonOfThePackage
from nn_viz.data import Dataset, load_dataset
from nn_viz.network import NetworkSpec, build_module, get_parameters, set_parameters
from nn_viz.training import (
    LESSON_BATCHES,
    OPTIMISERS,
    ConfigError,
    Lesson,
    Snapshot,
    Trainer,
    TrainingConfig,
    lesson_rate,
    network_input,
    train,
)
from nn_viz.training.augmentation import affine_maps, augmented
from nn_viz.training.digits import prepare
from nn_viz.training.keys import SHUFFLE, generator
from tests.unit.training.test_trainer import CONVOLUTIONAL, DENSE, advanced, config, make_dataset, same

pytestmark = pytest.mark.usefixtures("one_thread")
PICTURE = np.random.default_rng(7).integers(0, 256, (28, 28), dtype=np.uint8)
LESSON = Lesson(PICTURE, 4, batches=11, share=0.25)
WIDE = [NetworkSpec.parse("12-8tanh", 28), NetworkSpec.parse("c4k3-p2-8", 28)]


@pytest.fixture(scope="module")
def data() -> Dataset:
    return make_dataset()


# ---------------------------------------------------------------- the lesson itself


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"label": 10}, "right answer must be a whole number from 0 to 9; 10 is not"),
        ({"label": -1}, "right answer"),
        ({"label": 3.0}, "right answer"),
        ({"label": True}, "right answer"),
        ({"batches": 0}, "number of batches of a lesson must be a whole number from 1 to 1,000"),
        ({"batches": 1001}, "number of batches"),
        ({"share": 1.5}, "share of the picture in each batch of a lesson must be a number from 0 to 1"),
        ({"share": float("nan")}, "share"),
        ({"picture": np.zeros((20, 20), np.uint8)}, "28 by 28 pixels"),
        ({"picture": None}, "28 by 28 pixels"),
        ({"picture": np.full((28, 28), 2.0)}, "from 0 .paper. to 1 .ink."),
        ({"picture": np.full((28, 28), np.nan)}, "from 0"),
        ({"picture": np.full((28, 28), 200, np.int64)}, "from 0"),
        ({"picture": np.zeros((28, 28))}, "empty picture. Draw something first"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        replace(LESSON, **changes)


def test_a_lesson_is_a_value_that_cannot_be_changed_not_even_after_pickling() -> None:
    mine = PICTURE.copy()
    four: Any = np.int64(4)
    lesson = Lesson(mine, four, 11, 0.25)
    mine[:] = 0  # the caller's own picture stays writeable and is not shared
    for one in (lesson, pickle.loads(pickle.dumps(lesson))):
        assert one == LESSON and hash(one) == hash(LESSON) and one.picture.tobytes() == PICTURE.tobytes()
        with pytest.raises(ValueError, match="read-only"):
            one.picture[0, 0] = 1
        with pytest.raises(FrozenInstanceError):
            one.label = 3  # type: ignore[misc]
    others = [
        replace(LESSON, **each) for each in ({"label": 5}, {"batches": 12}, {"share": 0.5}, {"picture": 255 - PICTURE})
    ]
    assert len({LESSON, *others}) == 5 and LESSON != "a lesson"
    assert LessonOfThePackage is Lesson


def test_a_drawing_is_rounded_to_the_shades_of_the_dataset() -> None:
    drawing = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    picture = Lesson(drawing, 1).picture
    assert picture.dtype == np.uint8 and picture[0, 0] == 0 and picture[-1, -1] == 255
    np.testing.assert_allclose(picture / 255, drawing, atol=0.5001 / 255)
    assert Lesson(picture, 1) == Lesson(picture / 255, 1)


@pytest.mark.parametrize(
    ("share", "count", "copies"),
    [(0.25, 32, 8), (1 / 16, 32, 2), (1 / 16, 4096, 256), (0.0, 32, 1), (0.25, 1, 1), (1.0, 20, 20)],
)
def test_a_share_of_the_batch_and_one_digit_at_least(share: float, count: int, copies: int) -> None:
    assert Lesson(PICTURE, 4, share=share).copies(count) == copies


# ---------------------------------------------------------------- what a batch of it does


def optimisers_step(
    spec: NetworkSpec, start: Snapshot, images: torch.Tensor, labels: torch.Tensor, name: str, rate: float
):
    """The parameters after one step of torch's own module, autograd and optimiser."""
    module = build_module(spec)
    set_parameters(module, start.parameters)
    made = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD, "momentum": torch.optim.SGD}[name]
    optimiser = made(module.parameters(), lr=rate, **({"momentum": 0.9} if name == "momentum" else {}))
    size = spec.input_size
    F.cross_entropy(module(images.view(-1, 1, size, size)), labels).backward()
    optimiser.step()
    return get_parameters(module)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("changes", [{}, {"pixel_order": "shuffled"}, {"augmentation": True},
                                     {"augmentation": True, "pixel_order": "shuffled"}], ids=str)  # fmt: skip
@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL, *WIDE], ids=str)
def test_a_lesson_of_one_batch_is_one_step_on_the_batch_with_its_places_replaced(
    spec: NetworkSpec, changes: dict, optimiser: str, data: Dataset
) -> None:
    # The first training used another optimiser, so that this one begins afresh, as torch's does.
    first = config(epochs=1, **{"optimiser": "sgd" if optimiser != "sgd" else "adam", "learning_rate": 0.01})
    *_, start = train(spec, data, first)
    settings = config(epochs=1, optimiser=optimiser, **changes)
    taught = advanced(Trainer(spec, data, settings, start, replace(LESSON, batches=1)), 1)

    order = [int(i) for i in order_of_epoch(1, settings.seed, len(data.train_labels))[:32]]
    images, labels = data.train_images[order].copy(), data.train_labels[order].copy()
    images[:8], labels[:8] = PICTURE, 4
    if settings.augmentation:
        maps = affine_maps(len(data.train_labels), settings.seed, 1)[:32]
        pixels = augmented(torch.tensor(images.reshape(32, 784)), 28, maps)
        natural = pixels.numpy().reshape(32, 28, 28)
    else:
        natural = images.astype(np.float32) / 255
    seen = torch.tensor(np.ascontiguousarray(network_input(natural, spec, settings)), dtype=torch.float32)
    rate = 0.1 * OPTIMISERS[optimiser].learning_rate
    expected = optimisers_step(spec, start, seen, torch.tensor(labels), optimiser, rate)
    moved = 0.0
    for name, array in taught.frame().parameters.items():
        # A gradient near zero has no sign to speak of, and Adam's first step is the rate in its direction.
        np.testing.assert_allclose(array, expected[name], rtol=1e-4, atol=2e-5)
        moved = max(moved, float(np.abs(array - start.parameters[name]).max()))
    assert moved > 1e-4
    assert (taught.step, taught.images) == (start.step + 1, start.images + 32)


def order_of_epoch(epoch: int, seed: int, count: int) -> torch.Tensor:
    return torch.randperm(count, generator=generator(seed, SHUFFLE, epoch))


@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL], ids=attrgetter("notation"))
@pytest.mark.parametrize("steps", [0, 13, 48])  # the start, the middle, and the last one of a finished run
def test_a_lesson_after_any_snapshot_has_exactly_its_batches_and_then_the_usual_ones_follow(
    spec: NetworkSpec, steps: int, data: Dataset
) -> None:
    settings = config(augmentation=True)
    start = advanced(Trainer(spec, data, settings), steps).snapshot()
    kept = {name: array.copy() for name, array in start.parameters.items()}
    whole = list(train(spec, data, settings, start, LESSON))
    during = [s.step - steps for s in whole if s.step <= steps + 11]
    assert {1, 2, 4, 8, 11} <= set(during)
    end = next(s for s in whole if s.step == steps + 11)
    assert [s.epoch for s in whole] == [s.step / 16 for s in whole]
    assert whole[-1].step == max(48, steps + 11)
    if steps < 48:  # what follows is what follows without any lesson
        assert same(whole[-1], list(train(spec, data, settings, end))[-1])
    else:
        assert list(train(spec, data, settings, end)) == []
    without = Trainer(spec, data, replace(settings, epochs=9), start)
    assert not same(advanced(without, 11).frame(), end)
    assert same(list(train(spec, data, settings, start, LESSON))[-1], whole[-1])
    assert all(np.array_equal(kept[name], start.parameters[name]) for name in kept)


def test_the_picture_is_in_the_batches_of_the_lesson_and_in_no_other(data: Dataset) -> None:
    trainer = Trainer(WIDE[0], data, config(), lesson=LESSON)
    drawn = torch.tensor(PICTURE.reshape(784) / 255, dtype=torch.float32)
    found = []
    batch = trainer._batches.batch

    def spied(position: int, *, with_lesson: bool = False):
        chosen = batch(position, with_lesson=with_lesson)
        images, labels = chosen.tensors()
        found.append(int((torch.isclose(images, drawn).all(1) & (labels == 4)).sum()))
        return chosen

    trainer._batches.batch = spied  # type: ignore[method-assign]
    advanced(trainer, 16)
    assert found == [8] * 11 + [0] * 5
    with_short = Trainer(WIDE[0], data, config(), advanced(Trainer(WIDE[0], data, config()), 15).frame(), LESSON)
    assert len(with_short._batches.batch(15, with_lesson=True).tensors()[1]) == 20  # an epoch's last batch stays short
    assert int((with_short._batches.batch(15, with_lesson=True).tensors()[1] == 4).sum()) >= 5


def test_the_digits_that_all_runs_share_stay_as_they_are(data: Dataset) -> None:
    shared = prepare(data, 20, "natural", torch.device("cpu")).train
    images, labels = shared.images.clone(), shared.labels.clone()
    advanced(Trainer(DENSE, data, config(device="cpu"), lesson=LESSON), 11)
    assert torch.equal(images, shared.images) and torch.equal(labels, shared.labels)


@pytest.mark.parametrize("changes", [{}, {"optimiser": "momentum"}, {"augmentation": True, "l2": 0.01}], ids=str)
@pytest.mark.parametrize("spec", [DENSE, CONVOLUTIONAL], ids=attrgetter("notation"))
def test_going_on_in_the_middle_of_a_lesson_is_the_uninterrupted_one_bit_by_bit(
    spec: NetworkSpec, changes: dict, data: Dataset
) -> None:
    settings = config(epochs=1, **changes)
    *_, start = train(spec, data, settings)
    whole = Trainer(spec, data, settings, start, LESSON)
    assert (whole.lesson_left, whole.total_steps, whole.finished) == (11, 27, False)
    middle = pickle.loads(pickle.dumps(advanced(whole, 5).snapshot()))
    resumed = Trainer(spec, data, settings, middle, LESSON, lesson_begun=16)
    assert (resumed.lesson_left, resumed.total_steps) == (6, 27)
    for steps, due in ((3, True), (2, False), (1, True)):
        advanced(whole, steps), advanced(resumed, steps)
        assert same(whole.frame(), resumed.frame())
        assert whole.snapshot_due is resumed.snapshot_due is due
    assert whole.finished and resumed.finished and whole.at_lesson_end and resumed.at_lesson_end
    assert whole.learning_rate == 0.0  # beyond the schedule's end, not below zero
    with pytest.raises(RuntimeError, match="finished"):
        resumed.advance()
    over = Trainer(spec, data, settings, resumed.snapshot(), LESSON, lesson_begun=16)
    assert over.finished and over.lesson_left == 0


def test_a_lesson_has_its_own_rate_and_the_schedule_goes_on_after_it(data: Dataset) -> None:
    trainer, rates = Trainer(DENSE, data, config(epochs=1, learning_rate=0.16), lesson=LESSON), []
    trainer.set_learning_rate(0.32)  # holds after the lesson
    while not trainer.finished:
        rates.append(trainer.learning_rate)
        trainer.advance()
    np.testing.assert_allclose(rates, [0.1 * 6e-3] * 11 + [0.32 * i / 16 for i in (5, 4, 3, 2, 1)])
    assert [lesson_rate(name) for name in ("adam", "sgd", "momentum")] == pytest.approx([6e-4, 0.02, 0.002])


def test_the_end_of_a_lesson_is_tested_on_all_digits_and_its_middle_on_a_thousand() -> None:
    data = make_dataset(200, 1700)
    start = advanced(Trainer(DENSE, data, config()), 3).snapshot()
    tested = [s.tested for s in train(DENSE, data, config(), start, replace(LESSON, batches=3))][:3]
    assert tested == [1000, 1000, 1700]


# ---------------------------------------------------------------- what it is for


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("augmentation", [False, True])
def test_what_a_finished_network_misread_it_reads_after_the_lesson_and_hardly_anything_is_forgotten(
    optimiser: Any, augmentation: bool
) -> None:
    data, spec = load_dataset("mnist-5k"), NetworkSpec.parse("25-15", 20)
    rate = OPTIMISERS[optimiser].learning_rate
    settings = TrainingConfig(
        epochs=3, device="cpu", optimiser=optimiser, learning_rate=rate, augmentation=augmentation
    )
    *_, start = train(spec, data, settings)
    assert start.test_accuracy is not None
    pictures = torch.tensor(network_input(data.test_images, spec, settings) / 255, dtype=torch.float32)[:, None]

    def guesses(snapshot: Snapshot):
        module = build_module(spec)
        set_parameters(module, snapshot.parameters)
        with torch.no_grad():
            return module(pictures).argmax(1).numpy()

    misread = np.flatnonzero(guesses(start) != data.test_labels)[:12]
    read, lost = 0, 0.0
    for index in misread:
        lesson = Lesson(data.test_images[index], data.test_labels[index])
        *_, end = train(spec, data, settings, start, lesson)
        assert end.step == start.step + LESSON_BATCHES and end.tested == start.tested
        read += guesses(end)[index] == data.test_labels[index]
        lost += (start.test_accuracy - (end.test_accuracy or 0.0)) / len(misread)
    assert len(misread) == 12 and read >= 11
    assert lost < 0.01
