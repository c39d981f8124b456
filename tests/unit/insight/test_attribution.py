"""Which pixels decided: against autograd, against a plain loop, and against what must hold for any network."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from nn_viz.data import load_dataset
from nn_viz.insight import (
    DEFAULT_METHOD,
    METHODS,
    activations,
    attribute,
    contributions,
    strongest_paths,
)
from nn_viz.insight.attribution import PATCH, PATCH_STEP, PATH_STEPS
from nn_viz.network import (
    NetworkSpec,
    SpecError,
    build_module,
    crop,
    initial_parameters,
)
from nn_viz.training import TrainingConfig, train
from tests.unit.networks import drawing, preset_specs, random_parameters, specs

KEYS = [row.key for row in METHODS]
every_method = pytest.mark.parametrize("method", KEYS)
patient = settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


def score(spec, parameters, images, towards, against):
    """What is explained, for pictures (n, 28, 28): the plain forward pass."""
    logits = activations(spec, parameters, images)[-1].astype(np.float64)
    return logits[:, towards] - (0 if against is None else logits[:, against])


def slope(spec, parameters, pictures, towards, against):
    """The gradient of the score at each of ``pictures`` (n, s, s), by autograd through the module in float64."""
    module = build_module(spec).double()
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(torch.tensor(parameters[name]))
    x = torch.tensor(pictures).double()[:, None].requires_grad_()
    logits = module(x)
    (logits[:, towards] - (0 if against is None else logits[:, against])).sum().backward()
    assert x.grad is not None
    return x.grad[:, 0].numpy()


def close(picture, expected):
    """Equal up to float32 rounding of the largest value."""
    np.testing.assert_allclose(picture, expected, rtol=0, atol=2e-5 * max(1e-3, np.abs(expected).max()))


# ---------------------------------------------------------------- each method against its definition


@preset_specs
@pytest.mark.parametrize(("towards", "against"), [(9, None), (9, 4)])
def test_each_gradient_is_that_of_autograd(spec, towards, against):
    parameters, image = random_parameters(spec, 1), drawing(1)
    picture = crop(image, spec.input_size)
    (expected,) = slope(spec, parameters, picture, towards, against)
    close(attribute(spec, parameters, image, "gradient", towards, against).picture, expected)
    close(attribute(spec, parameters, image, "gradient-ink", towards, against).picture, expected * picture[0])

    way = (np.arange(PATH_STEPS) + 0.5) / PATH_STEPS
    mean = slope(spec, parameters, way[:, None, None] * picture, towards, against).mean(axis=0)
    integrated = attribute(spec, parameters, image, "integrated-gradients", towards, against)
    # In float32 a picture on the way may fall on the other side of a bend: one step's worth of difference.
    np.testing.assert_allclose(
        integrated.picture, mean * picture[0], rtol=0, atol=2 / PATH_STEPS * np.abs(expected * picture[0]).max()
    )


@preset_specs
@pytest.mark.parametrize(("towards", "against"), [(0, None), (3, 8)])
def test_occlusion_is_the_mean_fall_under_the_squares_that_cover_a_pixel(spec, towards, against):
    parameters, side = random_parameters(spec, 2), spec.input_size
    picture = np.array(crop(drawing(2), side)[0])
    total, squares = np.zeros((side, side)), np.zeros((side, side))
    (whole,) = score(spec, parameters, picture, towards, against)
    for row in range(0, side - PATCH + 1, PATCH_STEP):
        for col in range(0, side - PATCH + 1, PATCH_STEP):
            hidden = picture.copy()
            hidden[row : row + PATCH, col : col + PATCH] = 0
            total[row : row + PATCH, col : col + PATCH] += whole - score(spec, parameters, hidden, towards, against)
            squares[row : row + PATCH, col : col + PATCH] += 1
    assert squares.min() == 1  # every pixel is hidden at least once
    close(attribute(spec, parameters, picture, "occlusion", towards, against).picture, total / squares)


# ---------------------------------------------------------------- what must hold


@patient
@given(specs(), st.integers(0, 3), st.integers(0, 9), st.integers(0, 9))
@example(NetworkSpec.parse("25-15", 20), 0, 9, 4)
@example(NetworkSpec.parse("c8k3-p2-c16k3-p2"), 0, 3, 3)
def test_integrated_gradients_add_up_to_the_change_of_the_score(spec, seed, towards, other):
    assume(spec.multiply_add_count < 400_000)  # the check below is a thousand times the work
    against = None if other == towards else other
    parameters, image = random_parameters(spec, seed), drawing(seed)
    found = attribute(spec, parameters, image, "integrated-gradients", towards, against)
    change = found.end - found.start
    assert found.gap is not None
    assert found.gap == pytest.approx(abs(found.picture.sum(dtype=np.float64) - change), abs=1e-12)
    # A sum over steps misses at most one step of all that the slope along the way changes by; that is measured at
    # points four times as dense, which may themselves miss what goes up and down between two of them.
    picture = crop(image, spec.input_size)
    way = np.linspace(0, 1, 4 * PATH_STEPS + 1)[:, None, None] * picture
    along = (slope(spec, parameters, way, towards, against) * picture).sum(axis=(1, 2))
    changes = np.abs(np.diff(along)).sum() + np.abs(along).max() / 4
    assert found.gap <= changes / PATH_STEPS + 1e-4
    images = np.stack([np.zeros((28, 28), np.float32), image])
    np.testing.assert_allclose(
        [found.start, found.end], score(spec, parameters, images, towards, against), rtol=1e-4, atol=1e-4
    )
    assert found.picture.shape == (spec.input_size, spec.input_size)
    assert found.picture.dtype == np.float32


def test_of_a_trained_network_the_gap_is_at_most_a_fiftieth_of_what_is_explained():
    spec = NetworkSpec.parse("25-15", 20)
    data = load_dataset("mnist-5k")
    *_, last = train(spec, data, TrainingConfig(dataset="mnist-5k", epochs=4, seed=0))
    assert last.test_accuracy is not None and last.test_accuracy > 0.85
    shares = []
    for image, answer in zip(data.test_images[:40], data.test_labels[:40], strict=True):
        found = attribute(spec, last.parameters, image, "integrated-gradients", int(answer), int(answer + 1) % 10)
        assert found.gap is not None
        shares.append(found.gap / abs(found.end - found.start))
    assert max(shares) < 0.02
    assert np.median(shares) < 0.004


@pytest.mark.parametrize(
    ("text", "size"), [("none", 28), ("none", 20), ("25linear-15linear", 20), ("c4k3linear-p2mean-9linear", 28)]
)
def test_on_a_linear_network_all_ways_to_ask_agree(text, size):
    spec = NetworkSpec.parse(text, size)
    parameters, image = random_parameters(spec), drawing()
    integrated = attribute(spec, parameters, image, "integrated-gradients", 9)
    expected = strongest_paths(spec, parameters, image, len(spec.layers), 9, count=1000).picture
    if not spec.layers:
        np.testing.assert_array_equal(contributions(spec, parameters, image, 9).values[0].astype(np.float32), expected)
    close(attribute(spec, parameters, image, "gradient-ink", 9).picture, expected)
    close(integrated.picture, expected)
    assert integrated.gap is not None and integrated.gap < 1e-5

    # And a square hides exactly what its pixels add.
    found = attribute(spec, parameters, image, "occlusion", 9).picture
    corner = expected[:PATCH, :PATCH].sum() if size == 20 else 0
    assert found[0, 0] == pytest.approx(corner, abs=1e-6)
    middle = slice(10, 10 + PATCH_STEP)  # the four squares over these start at rows and columns 8 and 10
    sums = [expected[r : r + PATCH, c : c + PATCH].sum() for r in (8, 10) for c in (8, 10)]
    np.testing.assert_allclose(found[middle, middle], np.mean(sums), rtol=0, atol=1e-5)


@every_method
def test_one_answer_against_another_is_the_difference_of_both(method):
    spec = NetworkSpec.parse("c4k3tanh-p2-20tanh")
    parameters, image = random_parameters(spec), drawing()
    nine, four, both = (attribute(spec, parameters, image, method, *which) for which in ((9,), (4,), (9, 4)))
    close(both.picture, nine.picture - four.picture)
    assert both.end == pytest.approx(nine.end - four.end, abs=1e-5)
    assert both.start == pytest.approx(nine.start - four.start, abs=1e-5)
    assert (nine.against, both.towards, both.against, both.method) == (None, 9, 4, method)
    assert np.abs(both.picture).max() > 1e-4


@every_method
@pytest.mark.parametrize("text", ["25-15", "c8k3-p2-c16k3-p2"])
def test_empty_paper_has_nothing_to_explain(method, text):
    spec = NetworkSpec.parse(text)
    found = attribute(spec, random_parameters(spec), np.zeros((28, 28), np.uint8), method, 3, 5)
    assert found.start == pytest.approx(found.end, abs=1e-6)
    if method == "gradient":  # where ink would help, it says even here
        assert found.picture.any()
    else:
        assert not found.picture.any()


def test_far_from_the_ink_occlusion_is_exactly_nothing():
    spec = NetworkSpec.parse("c8k3-p2-c16k3-p2")
    image = np.zeros((28, 28), np.float32)
    image[13, 13] = 1  # under the squares that start at 10 and 12
    found = attribute(spec, random_parameters(spec), image, "occlusion", 3).picture
    assert found[10:16, 10:16].all()
    found = found.copy()
    found[10:16, 10:16] = 0
    assert not found.any()


# ---------------------------------------------------------------- the table, the refusals, the surroundings


def test_every_method_is_a_row_that_a_learner_can_read():
    assert len(set(KEYS)) == len(KEYS)
    assert DEFAULT_METHOD in METHODS
    spec = NetworkSpec.parse("25-15", 20)
    for row in METHODS:
        assert row.sentence.startswith("You ") and row.sentence.endswith(".") and row.sentence.count(". ") == 0
        found = attribute(spec, random_parameters(spec), drawing(), row.key, 2)
        assert (found.gap is not None) == row.is_complete
        with pytest.raises(ValueError, match="read-only"):
            found.picture[0, 0] = 1


@pytest.mark.parametrize(
    ("method", "towards", "against", "says"),
    [
        ("magic", 3, None, "There is no way to explain an answer called “magic”. Choose one of: occlusion"),
        ("gradient", 10, None, "from 0 to 9, not 10"),
        ("gradient", -1, None, "from 0 to 9"),
        ("gradient", 3, 10, "from 0 to 9, not 10"),
        ("gradient", True, None, "from 0 to 9"),
        ("gradient", 3.0, None, "from 0 to 9"),
        ("gradient", 3, 3, "two different answers"),
    ],
)
def test_what_cannot_be_asked_is_explained(method, towards, against, says):
    spec = NetworkSpec.parse("25-15")
    with pytest.raises(ValueError, match=says):
        attribute(spec, initial_parameters(spec), drawing(), method, towards, against)


def test_pictures_may_be_bytes_and_others_are_refused():
    spec = NetworkSpec.parse("25-15", 20)
    parameters = random_parameters(spec)
    grey = (drawing() * 255).astype(np.uint8)
    expected = attribute(spec, parameters, grey.astype(np.float32) / np.float32(255), "gradient-ink", 1).picture
    for same in (grey, grey[None], grey[4:24, 4:24]):
        np.testing.assert_array_equal(attribute(spec, parameters, same, "gradient-ink", 1).picture, expected)
    for wrong in (grey[:27], np.stack([grey, grey]), grey.ravel()):
        with pytest.raises(ValueError, match="shape"):
            attribute(spec, parameters, wrong, "gradient", 1)
    with pytest.raises(SpecError, match="do not belong"):
        attribute(NetworkSpec.parse("25-14", 20), parameters, grey, "gradient", 1)


@every_method
def test_looking_leaves_everything_as_it_was_and_many_may_look_at_once(method):
    spec = NetworkSpec.parse("c8k3-p2-25")
    parameters, image = random_parameters(spec), drawing()
    before = {name: array.copy() for name, array in parameters.items()}
    image.flags.writeable = False
    expected = attribute(spec, parameters, image, method, 3).picture

    def look(_):
        found = attribute(spec, parameters, image, method, 3).picture
        return found, torch.is_grad_enabled(), torch.is_inference_mode_enabled()

    with ThreadPoolExecutor(4) as threads:
        for found, gradients, inference in threads.map(look, range(12)):
            np.testing.assert_array_equal(found, expected)
            assert gradients and not inference
    for mode in (torch.no_grad(), torch.inference_mode()):
        with mode:
            state = torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_num_threads()
            np.testing.assert_array_equal(attribute(spec, parameters, image, method, 3).picture, expected)
            assert (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.get_num_threads()) == state
    for name, array in parameters.items():
        np.testing.assert_array_equal(array, before[name])


def test_captum_and_its_matplotlib_are_not_imported_before_they_are_needed():
    code = "import sys, nn_viz.insight; sys.exit(any(name in sys.modules for name in ('captum', 'matplotlib')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
