"""What is asked about a neuron: the pictures and figures on the page are what insight computes for that moment."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nn_viz.insight import activations, predict
from nn_viz.network import initial_parameters
from nn_viz.training import pixel_permutation
from nn_viz.ui.live import result_cache
from nn_viz.ui.live.result_cache import ResultCache
from nn_viz.ui.live.snapshot_cache import training_pictures, unseen_pictures
from nn_viz.ui.pages.neuron import answers, pushes
from nn_viz.ui.pages.neuron import lens_words as say
from nn_viz.ui.pages.neuron.answers import class_answers, histogram, least_pictures, responses, top_pictures
from nn_viz.ui.pages.neuron.dreams import dream_words, dreams, effective
from nn_viz.ui.pages.neuron.jobs import board, job_words, points, with_and_without
from nn_viz.ui.pages.neuron.parameters import QUESTIONS
from nn_viz.ui.pages.neuron.pushes import push_words, pushed_down, pushed_now, pushed_up
from nn_viz.ui.pages.neuron.views import NEURON_VIEWS, QUESTION_NAMES, question_switches, questions_of
from nn_viz.ui.pages.neuron.where import meter, random_starts, regions
from nn_viz.ui.widgets.rows import (
    BarRow,
    BarRows,
    PictureRow,
    ShadedCell,
    ShadedRow,
    ShadedTable,
    row_pictures,
    scale_of,
)
from tests.unit.neuron_contexts import KINDS, context_of, values_of
from tests.unit.sent import lines_of, unpack


@pytest.mark.parametrize("notation", KINDS)
def test_only_the_chosen_question_is_worked_out(notation):
    assert tuple(QUESTION_NAMES) == QUESTIONS
    shown = [
        {name for name, view in NEURON_VIEWS.items() if view(context_of(notation, question=question)) is not None}
        for question in questions_of(context_of(notation))
    ]
    always = set.intersection(*shown)
    assert {"lens", "choose_unit", "ledger", "ledger_path", "ledger_words", "pile", "time"} <= always
    own = [names - always for names in shown]
    assert all(own)
    assert len(set.union(*own)) == sum(map(len, own))


# ---------------------------------------------------------------- who pushes it


def test_the_pushes_on_a_weight_are_blame_times_ink_and_the_pixel_is_marked():
    context = context_of("12-8", neuron=3, pixel=406, question="pushed")
    now, pictures = context.now, training_pictures(context.now)
    up, down = unpack(pushed_up(context)), unpack(pushed_down(context))
    assert up[0]["mark"] == [14, 14]
    assert "of 2,000 training pictures" in up[0]["title"]
    for (header, arrays), sign in ((up, 1), (down, -1)):
        assert 0 < arrays["values"].shape[0] <= 8
        for name, caption, picture in zip(header["names"], header["captions"], arrays["values"], strict=True):
            label, push = name.replace("\N{MINUS SIGN}", "-").split()
            blame, ink = (float(part.split()[-1]) for part in caption.replace("\N{MINUS SIGN}", "-").split("×"))
            assert sign * float(push) > 0
            assert blame * ink == pytest.approx(float(push), abs=6e-3 * abs(blame) + 2e-3)
            place = np.abs(pictures.images / 255 - picture / 32767).sum(axis=(1, 2)).argmin()
            assert pictures.labels[place] == int(label)
            # A step along this push alone lowers this picture's loss.
            weights = now.snapshot.parameters["0.weight"].copy()
            weights[3, 406] += 1e-2 * sign
            loss = [
                -np.log(
                    predict(now.spec, {**now.snapshot.parameters, "0.weight": own}, pictures.inputs[place])[
                        0, int(label)
                    ]
                )
                for own in (now.snapshot.parameters["0.weight"], weights)
            ]
            assert loss[1] < loss[0]


@pytest.mark.parametrize("size", [20, 28])
def test_in_a_shuffled_picture_the_mark_is_where_the_pixel_really_is(size):
    context = context_of("12-8", size, neuron=3, pixel=100, with_={"pixel_order": "shuffled"})
    row, column = divmod(int(pixel_permutation(size)[100]), size)
    margin = (28 - size) // 2
    assert unpack(pushed_up(context))[0]["mark"] == [row + margin, column + margin]


def test_a_push_too_small_to_be_written_is_not_shown():
    for pixel in (150, 406, 600):
        context = context_of("12-8", neuron=3, pixel=pixel)
        names = [name for view in (pushed_up, pushed_down) for name in unpack(view(context))[0]["names"]]
        assert not [name for name in names if name.endswith(" 0.000")]


def test_after_pooling_ink_is_what_pooling_left():
    found = [lines_of(push_words(context_of("p2-12", neuron=neuron))) for neuron in range(6)]
    assert [say.PUSH_POOLED] in found
    assert {line for lines in found for line in lines} <= {say.PUSH_POOLED, say.PUSH_NOBODY}


def test_windows_of_their_own_are_asked_what_can_be_told():
    context = context_of("l3-p2-10")
    options = [text for text, _ in unpack(question_switches(context))[0]["controls"][0]["options"]]
    assert options == list(QUESTION_NAMES.values())[1:]
    assert say.ALONE in lines_of(job_words(context))


def test_later_layers_show_their_weights_and_where_they_are_pushed():
    context = context_of("12-8", layer=1, neuron=2)
    assert pushed_up(context) is None
    shown = values_of(pushed_now(context))
    np.testing.assert_allclose(shown[0].ravel(), context.now.snapshot.parameters["1.weight"][2], atol=1e-4)
    assert shown[1].any()
    assert pushed_now(context_of("12-8")) is None


def test_nobody_pushes_a_pixel_without_ink_and_with_standardised_pixels_paper_does():
    lines = lines_of(push_words(context_of("12-8", neuron=3, pixel=0)))
    assert lines == [say.PUSH_NOBODY]
    assert unpack(pushed_up(context_of("12-8", neuron=3, pixel=0)))[0]["names"] == []
    scaled = context_of("12-8", neuron=3, pixel=0, with_={"scaling": "standardised"})
    assert lines_of(push_words(scaled)) == [say.PUSH_SCALED]
    captions = [caption for view in (pushed_up, pushed_down) for caption in unpack(view(scaled))[0]["captions"]]
    assert captions and all(caption.replace("\N{NO-BREAK SPACE}", " ").endswith("ink −0.42") for caption in captions)


def test_with_random_labels_the_pictures_push_as_what_they_are_said_to_be():
    context = context_of("12-8", neuron=3, with_={"labels": "random"})
    pictures = training_pictures(context.now)
    assert (pictures.labels != pictures.classes).mean() > 0.8
    assert all(name.startswith("labelled ") for name in unpack(pushed_up(context))[0]["names"])
    few = training_pictures(context_of("12-8", with_={"examples": "200"}).now)
    assert len(few.labels) == 200
    np.testing.assert_array_equal(few.labels, few.classes)


# ---------------------------------------------------------------- what it answers to


@pytest.mark.parametrize(("notation", "layer"), [("12-8", 0), ("c4k3-p2-c5k3", 2), ("none", 0)])
def test_the_pictures_that_excite_it_most_are_those_of_all_that_were_asked(notation, layer):
    context = context_of(notation, layer=layer, neuron=1, question="answers")
    now, pictures = context.now, training_pictures(context.now)
    found = responses(now, layer)[:, 1]
    single = activations(now.spec, now.snapshot.parameters, pictures.inputs[11])[layer][0, 1]
    assert found[11] == pytest.approx(single.max(), abs=1e-4)
    most = [float(text.replace("\N{MINUS SIGN}", "-")) for text in unpack(top_pictures(context))[0]["captions"]]
    least = [float(text.replace("\N{MINUS SIGN}", "-")) for text in unpack(least_pictures(context))[0]["captions"]]
    np.testing.assert_allclose(most, np.sort(found)[::-1][: len(most)], atol=6e-3)
    np.testing.assert_allclose(least, np.sort(found)[: len(least)], atol=6e-3)
    means = [row["values"][0] for row in unpack(class_answers(context))[0]["rows"]]
    np.testing.assert_allclose(means, [found[pictures.classes == c].mean() for c in range(10)], rtol=1e-3, atol=1e-4)
    header, _ = unpack(histogram(context))
    silent = int((found == 0).sum())
    assert sum(row["values"][0] for row in header["rows"]) == len(found) - silent
    assert all(re.fullmatch(r"[\d,]+ pictures from \S+ to \S+", row["help"]) for row in header["rows"])
    assert header["notes"] == ([f"Left out: the {silent:,} pictures that it answers with 0."] if silent else [])
    title = unpack(least_pictures(context))[0]["title"]
    expected = f"It is silent for {silent:,} of 2,000, such as these" if silent > len(least) else "And least to these"
    assert title == expected


def test_a_dead_neuron_has_no_pictures_but_a_sentence():
    context = context_of("12-8", neuron=3, question="answers")
    now = context.now
    parameters = {**now.snapshot.parameters, "0.bias": now.snapshot.parameters["0.bias"] - 1e3}
    killed = replace(now.snapshot, parameters=parameters, step=now.snapshot.step + 1)
    dead = replace(context, now=replace(now, snapshot=killed, history=(*now.history, killed)))
    drawn = {name for name, view in NEURON_VIEWS.items() if view(dead) is not None}
    assert not {"top_pictures", "least_pictures", "class_answers", "histogram"} & drawn
    sentence = lines_of(NEURON_VIEWS["answer_words"](dead))[0]
    assert sentence.startswith("It is dead")
    assert "its bias changed its mean sum by −1000.00" in sentence


# ---------------------------------------------------------------- what it would love to see


def test_dreams_say_what_they_are_and_an_approximation_says_so():
    first, second = context_of("12-8", question="dream"), context_of("12-8", layer=1, neuron=1, question="dream")
    assert lines_of(dream_words(first)) == [say.KNOWN_DREAM]
    # The best picture of a first neuron: ink where the weight is positive.
    weights = first.now.snapshot.parameters["0.weight"][0].reshape(28, 28)
    picture = values_of(dreams(first))[0]
    clear = np.abs(weights) > 0.05
    np.testing.assert_array_equal(picture[clear] > 0.5, weights[clear] > 0)
    assert effective(first) is None
    message = effective(second)
    assert unpack(message)[0]["caption"].endswith("an approximation")
    assert unpack(message)[0]["notes"] == [say.EFFECTIVE]
    parameters = second.now.snapshot.parameters
    expected = (parameters["1.weight"][1] @ parameters["0.weight"]).reshape(28, 28)
    np.testing.assert_allclose(values_of(message)[0], expected, atol=1e-4)
    assert effective(context_of("c4k3-p2-c5k3", layer=3)) is None
    assert say.WINDOW_DREAM in lines_of(dream_words(context_of("c4k3-p2-c5k3")))


def test_a_dream_on_standardised_pixels_is_shown_as_ink():
    context = context_of("12-8", with_={"scaling": "standardised"})
    picture = values_of(dreams(context))[0]
    assert picture.min() == pytest.approx(0, abs=1e-4)
    assert picture.max() == pytest.approx(1, abs=1e-4)


def test_a_shuffled_networks_dream_is_put_back_in_place():
    context = context_of("12-8", with_={"pixel_order": "shuffled"})
    weights = context.now.snapshot.parameters["0.weight"][0]
    natural = np.empty_like(weights)
    natural[pixel_permutation(28)] = weights
    picture = values_of(dreams(context))[0].ravel()
    clear = np.abs(natural) > 0.05
    np.testing.assert_array_equal(picture[clear] > 0.5, natural[clear] > 0)


# ---------------------------------------------------------------- where it learnt to look


def test_the_meters_shares_are_those_of_the_squared_change():
    context = context_of("12-8", neuron=3, question="where")
    now = context.now
    change = now.snapshot.parameters["0.weight"][3] - now.first.parameters["0.weight"][3]
    squares = np.square(change.astype(np.float64)).reshape(28, 28)
    shown = values_of(regions(context))
    ends = [0, 9, 19, 28]
    for row in range(3):
        for column in range(3):
            part = squares[ends[row] : ends[row + 1], ends[column] : ends[column + 1]].sum() / squares.sum()
            assert shown[0, row, column] == pytest.approx(100 * part, abs=0.05)
    np.testing.assert_allclose(shown[:3].sum(axis=(1, 2))[:2], 100, atol=0.1)


def test_chance_is_what_other_dice_give_over_the_pixels_that_can_move():
    now = context_of("12-8").now
    starts = random_starts(now)
    assert starts.shape == (400, 28, 28)
    assert not starts[:, now.silent].any()
    own = initial_parameters(now.spec, "he", now.config.seed)["0.weight"].reshape(-1, 28, 28)
    other = initial_parameters(now.spec, "he", now.config.seed + 1)["0.weight"].reshape(-1, 28, 28)
    np.testing.assert_array_equal(starts[0][~now.silent], other[0][~now.silent])
    assert not np.array_equal(starts[0][~now.silent], own[0][~now.silent])
    assert random_starts(context_of("12-8", with_={"initialisation": "zeros"}).now).any()


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        (lambda: context_of("12-8", layer=1), say.ONLY_FIRST),
        (lambda: context_of("c4k3-p2-c5k3"), say.FILTER_EVERYWHERE),
        (lambda: context_of("l3-p2-10"), say.WINDOWS_EVERYWHERE),
        (lambda: context_of("12-8", trained=False), say.NOTHING_LEARNT),
    ],
    ids=["a later layer", "a filter", "windows", "before training"],
)
def test_where_there_is_no_meter_the_page_says_why(context, sentence):
    assert regions(context()) is None
    assert lines_of(meter(context())) == [sentence]


# ---------------------------------------------------------------- what it is good for


def test_without_a_neuron_the_page_shows_what_the_network_answers_without_it():
    context = context_of("12-8", neuron=3, question="job")
    now, pictures = context.now, unseen_pictures(context.now)
    silenced = now.snapshot.parameters["1.weight"].copy()
    silenced[:, 3] = 0
    without = predict(now.spec, {**now.snapshot.parameters, "1.weight": silenced}, pictures.inputs).argmax(axis=1)
    whole = predict(now.spec, now.snapshot.parameters, pictures.inputs).argmax(axis=1)
    rows = unpack(with_and_without(context))[0]["rows"]
    for digit, row in enumerate(rows):
        own = pictures.labels == digit
        expected = [(guesses[own] == digit).mean() for guesses in (whole, without)]
        np.testing.assert_allclose(row["values"], expected, atol=1e-6)
    right = [(guesses == pictures.labels).mean() for guesses in (whole, without)]
    sentence = lines_of(job_words(context))[0]
    assert "1,000 test pictures" in sentence
    if "nothing breaks" not in sentence:
        assert f"{100 * right[0]:.1f} % are answered right" in sentence
    row = next(row for row in unpack(board(context))[0]["rows"] if row["choice"]["neuron"] == "3")
    assert row["cells"][-1]["value"] == pytest.approx(100 * (right[0] - right[1]), abs=1e-3)


def test_the_board_shows_the_costliest_first_and_always_the_chosen_one():
    header, _ = unpack(board(context_of("300-250", layer=0, neuron=299, question="job")))
    totals = [row["cells"][-1]["value"] for row in header["rows"]]
    assert totals[:-1] == sorted(totals[:-1], reverse=True)
    assert len(totals) == 60
    assert header["rows"][header["selected"]]["choice"] == {"layer": "0", "neuron": "299"}
    assert "The 60 costliest of 300 are shown." in header["notes"][0]


@pytest.mark.parametrize(
    ("drop", "words"),
    [
        (0.04, ""),
        (-0.05, "+0.1"),
        (1.0, "−1"),
        (0.25, "−0.3"),
        (-3.14, "+3.1"),
        (9.94, "−9.9"),
        (9.96, "−10"),
        (12.5, "−13"),
    ],
)
def test_points_lost_are_written_as_what_they_change_the_accuracy_by(drop, words):
    assert points(drop) == words


# ---------------------------------------------------------------- messages


def test_messages_refuse_what_does_not_fit():
    fields: dict[str, Any] = {"view": "x", "epoch": 0.0, "step": 0}
    with pytest.raises(ValueError, match="names"):
        PictureRow(pictures=row_pictures(np.zeros((2, 3, 3))), names=("a",), **fields)
    none = PictureRow(pictures=row_pictures(np.zeros((0, 28, 28))), names=(), **fields)
    assert unpack(none)[1]["values"].shape == (0, 28, 28)
    with pytest.raises(ValueError, match="one value or two"):
        BarRows(rows=(BarRow("a", (), ""),), scale=scale_of(()), label="x", **fields)
    row = ShadedRow("1", {}, (ShadedCell(0.0, ""),), "")
    with pytest.raises(ValueError, match="2 cells"):
        ShadedTable(columns=("name", "a", "b", "aside"), rows=(row,), selected=0, end=1.0, **fields)


def test_thirty_learners_answers_are_all_kept_and_none_holds_the_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each result once carried its 2,000 pictures: 30 runs filled 256 MB with 10, and nobody ever found an answer."""
    kept = ResultCache(64 * 2**20)
    monkeypatch.setattr(result_cache, "shared_cache", lambda: kept)
    context = context_of("25-15")
    assert context.now.run is not None
    runs = [replace(context.now, run=replace(context.now.run, id=f"run {number}")) for number in range(30)]

    def ask() -> list[float]:
        found = [(answers.profile(now, 0, 3), pushes.pushes_on(now, 3, 200)) for now in runs]
        return [float(profile.values.sum() + blame.push.sum()) for profile, blame in found]

    first = ask()
    assert len(set(first)) == 1, "they are the same networks"
    size = kept.nbytes
    assert size < 24 * 2**20, "their answers, and the pictures once"
    monkeypatch.setattr(answers, "unit_responses", lambda *_: pytest.fail("it is kept"))
    monkeypatch.setattr(pushes, "example_pushes", lambda *_, **__: pytest.fail("it is kept"))
    assert ask() == first
