"""The lens: what it shows are the network's own weights, at every moment, and pixels are chosen as promised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nn_viz.insight import incoming_weights, layer_weights, predict
from nn_viz.insight.weight_gradient import unit_gradient
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.live.messages import Message
from nn_viz.ui.live.snapshot_cache import (
    FEWEST,
    MULTIPLY_ADDS,
    affordable_count,
    at_kept_snapshot,
    cached_per_snapshot,
    training_pictures,
    unseen_pictures,
)
from nn_viz.ui.pages.neuron.ledger_views import pile
from nn_viz.ui.pages.neuron.lens import Lens, scaled_film
from nn_viz.ui.pages.neuron.lens_views import (
    DEAD,
    MOST_VALUES,
    choose_unit,
    chosen_pixel,
    lens,
    lens_switches,
    small_pictures,
    tiled,
    unit_switches,
    weight_index,
)
from tests.unit.neuron_contexts import KINDS, STEPS, context_of, live, values_of
from tests.unit.sent import unpack


def close(shown: np.ndarray, expected: np.ndarray) -> None:
    assert shown.shape == expected.shape
    assert np.abs(shown - expected).max() <= np.abs(expected).max() / 32767 + 1e-9


def labels(message: Message | None) -> list[str]:
    return [control["label"] for control in unpack(message)[0]["controls"]]


@pytest.mark.parametrize("notation", KINDS)
@pytest.mark.parametrize("picture", ["weights", "change"])
def test_the_lens_shows_the_units_weights_at_every_moment(notation, picture):
    layers = [i for i, shape in enumerate(context_of(notation).now.spec.weight_shapes) if shape is not None]
    for layer in layers:
        context = context_of(notation, layer=layer, neuron=2, picture=picture)
        now = context.now
        unit = min(2, now.spec.shapes[layer][0] - 1)
        first = incoming_weights(now.spec, now.first.parameters, layer, unit)
        expected = [incoming_weights(now.spec, s.parameters, layer, unit) for s in now.history]
        if picture == "change":
            expected = [weights - first for weights in expected]
        message = lens(context)
        header, arrays = unpack(message)
        close(values_of(message), expected[-1])
        film = arrays["film"].astype(np.float64) / 32767 * arrays["filmLimit"][0]
        close(film, np.stack(expected))
        assert header["steps"] == list(STEPS)
        assert header["selectable"] == (layer == now.first_layer)
        assert len(set(arrays["filmEnds"].tolist())) == 1  # one scale for all moments


def test_the_pixel_that_moved_most_is_chosen_until_another_one_is():
    context = context_of("12-8", neuron=3)
    now = context.now
    change = now.history[-1].parameters["0.weight"][3] - now.first.parameters["0.weight"][3]
    assert unpack(lens(context))[0]["pixel"] == np.abs(change).argmax()
    earlier = replace(now, snapshot=now.history[1])
    assert chosen_pixel(earlier, context.chosen) == np.abs(change).argmax()  # it stays while time is travelled
    assert chosen_pixel(now, changed(context.chosen, pixel=5)) == 5
    small = context_of("c4k3-p2-c5k3", pixel=700)  # a link may ask for more than a filter has
    assert chosen_pixel(small.now, small.chosen) < 9
    untrained = context_of("12-8", trained=False, neuron=3)
    assert (
        chosen_pixel(untrained.now, untrained.chosen) == np.abs(untrained.now.first.parameters["0.weight"][3]).argmax()
    )


def test_silent_pixels_are_masked_only_where_a_weight_belongs_to_a_pixel():
    assert unpack(lens(context_of("12-8", mask=True)))[1]["mask"].shape == (28, 28)
    for context in (
        context_of("12-8", mask=True, layer=1),
        context_of("c4k3-p2-c5k3", mask=True),
        context_of("p2-12", mask=True),
    ):
        assert unpack(lens(context))[1]["mask"].size == 0


def test_standardised_pixels_leave_nothing_to_mask():
    context = context_of("12-8", mask=True, with_={"scaling": "standardised"})
    for view in (lens, choose_unit, pile):
        assert unpack(view(context))[1]["mask"].size == 0
    assert "Mask silent" not in labels(lens_switches(context))
    assert "Mask silent" in labels(lens_switches(context_of("12-8")))


def test_one_colour_scale_for_all_or_one_each_is_chosen_here_too():
    context, each = (context_of("12-8", neuron=3, picture="change", scale=scale) for scale in ("wall", "each"))
    assert "Own scale" in labels(lens_switches(context))
    for view, name in ((pile, "ends"), (choose_unit, "ends"), (lens, "filmEnds")):
        assert len(set(unpack(view(context))[1][name].tolist())) == 1
        assert len(set(unpack(view(each))[1][name].tolist())) > 1


def test_windows_of_their_own_are_chosen_by_window_and_place():
    context = context_of("l3-p2-10", pixel=4 * 676 + 13 * 26 + 7)  # the middle weight of the window in row 14, column 8
    now = context.now
    weights = now.snapshot.parameters["0.weight"]  # (windows, 1, 3, 3)
    assert weight_index(now, 0, 0, chosen_pixel(now, context.chosen)) == (13 * 26 + 7, 4)
    shown = values_of(lens(context))
    assert shown.shape == (9, 26, 26)
    assert shown[4, 13, 7] == pytest.approx(weights[13 * 26 + 7, 0, 1, 1], abs=1e-4)
    header, _ = unpack(lens(context))
    assert header["pixel"] == 4 * 676 + 13 * 26 + 7
    assert "Every window of this layer has 9 weights of its own" in header["notes"][0]
    assert unit_switches(context) is None  # there is no other map to go to
    free = context_of("l3-p2-10")
    moved = np.abs(now.snapshot.parameters["0.weight"] - now.first.parameters["0.weight"])
    row, place = weight_index(free.now, 0, 0, chosen_pixel(free.now, free.chosen))
    assert moved[row].ravel()[place] == moved.max()


def test_a_dead_neuron_is_named_under_the_lens_and_among_the_others():
    context = context_of("12-8", neuron=3)
    parameters = dict(context.now.snapshot.parameters)
    parameters["0.bias"] = np.where(np.arange(12) == 3, -1e3, 1e3).astype(np.float32)
    killed = replace(context.now.snapshot, parameters=parameters)
    dead = replace(context, now=replace(context.now, snapshot=killed))
    assert unpack(lens(dead))[0]["notes"] == [DEAD]
    assert unpack(choose_unit(dead))[0]["caption"].endswith("1 answer no picture: 4")
    alive = replace(dead, chosen=changed(dead.chosen, neuron=4))
    assert unpack(lens(alive))[0]["notes"] == []


@pytest.mark.parametrize("notation", KINDS)
def test_every_layers_units_can_be_chosen_by_their_pictures(notation):
    spec = context_of(notation).now.spec
    for layer, shape in enumerate(spec.weight_shapes):
        if shape is not None:
            header, arrays = unpack(choose_unit(context_of(notation, layer=layer, neuron=1)))
            assert arrays["values"].shape[0] == len(header["labels"]) == spec.shapes[layer][0]
            chosen = min(1, spec.shapes[layer][0] - 1)
            assert (header["layer"], header["selected"], header["selectable"]) == (layer, chosen, True)


def test_tiles_hold_every_weight_once():
    weights = np.arange(2 * 5 * 3 * 3, dtype=np.float32).reshape(2, 5, 3, 3)
    pictures = tiled(weights)
    assert pictures.shape == (2, 6, 9)  # 2 x 3 tiles of 3 x 3, the last one empty
    for unit in range(2):
        assert sorted(pictures[unit][np.isfinite(pictures[unit])]) == weights[unit].ravel().tolist()
    np.testing.assert_array_equal(pictures[1, 3:6, 3:6], weights[1, 4])


def test_a_layer_with_too_many_weights_shows_how_long_they_are():
    context = context_of("300-250")
    parameters = context.now.snapshot.parameters
    assert parameters["1.weight"].size > MOST_VALUES
    expected = np.linalg.norm(parameters["1.weight"].astype(np.float64), axis=1)
    np.testing.assert_allclose(small_pictures(context.now.spec, parameters, 1).ravel(), expected)
    assert layer_weights(context.now.spec, parameters, 0).size > MOST_VALUES  # pixels are shown all the same
    assert small_pictures(context.now.spec, parameters, 0).shape == (300, 28, 28)


def test_a_lens_refuses_what_does_not_fit_together():
    pictures, film = np.zeros((1, 3, 3)), np.zeros((2, 1, 3, 3))
    picture, frames = scaled_film(pictures, film)
    Lens(pictures=picture, film=frames, steps=(0, 1), epochs=(0.0, 0.1))
    with pytest.raises(ValueError, match="steps"):
        Lens(pictures=picture, film=frames, steps=(0,), epochs=(0.0,))
    for wrong, mask in (
        ((np.zeros((3, 3)), film), None),
        ((pictures, film[:, :, :2]), None),
        ((pictures, film), np.zeros((2, 2), dtype=bool)),
    ):
        with pytest.raises(ValueError, match=r"lens|mask"):
            scaled_film(*wrong, mask=mask)


# ---------------------------------------------------------------- what is kept


def test_a_live_picture_is_looked_at_by_its_last_kept_snapshot():
    context = context_of("12-8")
    assert at_kept_snapshot(context.now) is context.now
    assert at_kept_snapshot(live(context).now).snapshot is context.now.history[-1]


def test_long_work_is_done_once_for_each_network_and_snapshot():
    done = []

    @cached_per_snapshot
    def work(now, unit):
        done.append((now.spec.notation, now.snapshot.step, unit))
        return len(done)

    dense, other = context_of("12-8").now, context_of("none").now
    assert [work(dense, 0), work(dense, 0), work(dense, 1), work(dense, 0)] == [1, 1, 2, 1]
    assert work(other, 0) == 3
    assert work(replace(dense, snapshot=dense.history[0]), 0) == 4
    assert done[-1] == ("12-8", 0, 0)


def test_a_network_is_shown_as_many_pictures_as_it_can_afford():
    small, large = context_of("12-8").now, context_of("c32k5-c32k5", trained=False).now
    assert affordable_count(small, 2000) == 2000
    assert affordable_count(large, 2000) == max(FEWEST, MULTIPLY_ADDS // large.spec.multiply_add_count) < 2000
    pictures = training_pictures(small)
    assert len(pictures.inputs) == 2000
    assert len(set(pictures.labels.tolist())) == 10
    np.testing.assert_array_equal(pictures.inputs[7], pictures.images[7].astype(np.float32) / 255)
    assert len(unseen_pictures(small).labels) == 1000


@pytest.mark.parametrize(("notation", "layer"), [("12-8", 1), ("12-8", 2), ("c4k3-p2-c5k3", 2), ("c4k3-p2-c5k3", 3)])
def test_the_slope_of_a_later_layer_is_what_a_small_change_costs(notation, layer):
    now = context_of(notation).now
    pictures = training_pictures(now, 60)
    slope = unit_gradient(now.spec, now.snapshot.parameters, pictures.inputs, pictures.labels, layer, 2)
    weights = now.snapshot.parameters[f"{layer}.weight"]
    for place in np.argsort(-np.abs(slope).ravel())[:3]:
        costs = []
        for change in (-1e-2, 1e-2):
            moved = weights.copy()
            moved[2].reshape(-1)[place] += change
            shares = predict(now.spec, {**now.snapshot.parameters, f"{layer}.weight": moved}, pictures.inputs)
            costs.append(-np.log(shares[np.arange(60), pictures.labels].astype(np.float64)).mean())
        assert (costs[1] - costs[0]) / 2e-2 == pytest.approx(slope.ravel()[place], rel=0.05, abs=1e-4)
