"""The drag duel without a browser: its messages against predictions, its words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nn_viz.insight import TRANSFORMATIONS, Confidence, predict, transformed
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig, network_input
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.client_messages import read_message
from nn_viz.ui.live.drawing import Drawing
from nn_viz.ui.live.pointer import UNMOVED, Moved
from nn_viz.ui.live.run_at_step import RunAtStep, run_at_chosen_step
from nn_viz.ui.live.view_context import ViewContext
from nn_viz.ui.pages.draw import duel_words as say
from nn_viz.ui.pages.draw.duel_views import LIMITS, duel, duel_curves
from tests.node import in_node
from tests.unit.sent import unpack

SEVEN = Drawing((((80.0, 70.0), (200.0, 70.0), (150.0, 150.0), (120.0, 230.0)),))
MOVED = Moved(right=4.0, down=-2.5, turned=20.0, scale=1.2)


def a_run_at_step(notation: str = "12-8", size: int = 28, seed: int = 0, order: str = "natural") -> RunAtStep:
    config = TrainingConfig.from_query(
        {"dataset": "mnist-5k", "device": "cpu", "seed": str(seed), "pixel_order": order}
    )
    return run_at_chosen_step(Choices(spec=NetworkSpec.parse(notation, size), config=config), None)


def a_context(
    now: RunAtStep, beside: RunAtStep | None = None, how: Moved = MOVED, drawing: Drawing = SEVEN
) -> ViewContext:
    return ViewContext(now, Choices(spec=now.spec, config=now.config), drawing, beside=beside, moved=how)


def shares_of(now: RunAtStep, picture: np.ndarray) -> np.ndarray:
    return predict(now.spec, now.snapshot.parameters, network_input(picture[None], now.spec, now.config))[0]


def trained(now: RunAtStep) -> RunAtStep:
    return replace(now, snapshot=replace(now.snapshot, step=100, epoch=1.5))


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize(("size", "order"), [(28, "natural"), (20, "natural"), (28, "shuffled"), (20, "shuffled")])
def test_both_networks_answer_the_moved_picture(size, order):
    now, beside = a_run_at_step("12-8", size, order=order), a_run_at_step("c4k3-p2-c5k3", seed=1)
    header, arrays = unpack(duel(a_context(now, beside)))
    rest = SEVEN.digit()
    picture = transformed(rest[None], MOVED.right, MOVED.down, MOVED.turned, MOVED.scale)[0]
    assert np.abs(arrays["picture"] / 255 - picture).max() <= 0.5 / 255 + 1e-6
    for network, row, of in zip(header["networks"], arrays["shares"], (now, beside), strict=True):
        np.testing.assert_allclose(row, shares_of(of, picture), atol=1e-5)
        assert network["rest"] == shares_of(of, rest).argmax()
    assert [network["name"] for network in header["networks"]] == ["12-8", "c4k3-p2-c5k3"]
    assert [network["kind"] for network in header["networks"]] == ["dense", "convolutional"]
    assert header["move"] == [4.0, -2.5, 20.0, 1.2]
    assert header["invite"] == ""
    assert (header["seen"] is None) == (size == 28)
    assert "12-8 reads" in header["words"] and "c4k3-p2-c5k3 reads" in header["words"]


def test_nothing_puts_the_drawing_back_into_the_middle():
    rest = SEVEN.digit()
    _, arrays = unpack(duel(a_context(a_run_at_step(), how=Moved(right=6.0))))
    np.testing.assert_array_equal(arrays["picture"][:, 6:], np.rint(rest[:, :-6] * 255))
    assert not arrays["picture"][:, :6].any()


def test_one_network_alone_is_invited_to_have_another_beside_it():
    header, arrays = unpack(duel(a_context(a_run_at_step())))
    assert arrays["shares"].shape == (1, 10)
    assert header["invite"] == say.INVITE


def test_an_empty_pad_says_what_to_do():
    context = a_context(a_run_at_step(), drawing=Drawing())
    header, arrays = unpack(duel(context))
    assert header["empty"] and header["words"] == header["hint"] == say.HINT
    assert not arrays["picture"].any()
    assert unpack(duel_curves(context))[0]["empty"] == say.NO_CURVES


def test_the_curves_are_what_the_networks_answer_along_each_transformation():
    now, beside = trained(a_run_at_step("12-8", 20)), trained(a_run_at_step("c4k3-p2-c5k3", seed=1, order="shuffled"))
    header, arrays = unpack(duel_curves(a_context(now, beside)))
    rest = SEVEN.digit()
    picture = transformed(rest[None], MOVED.right, MOVED.down, MOVED.turned, MOVED.scale)[0]
    for number, of in enumerate((now, beside)):
        answer = int(shares_of(of, rest).argmax())
        assert header["rests"][number] == answer
        assert header["now"][number] == pytest.approx(shares_of(of, picture)[answer], abs=1e-5)
        steps = [(row.key, value) for row in TRANSFORMATIONS for value in row.values]
        for (key, value), sure in zip(steps, arrays[f"sure{number}"], strict=True):
            alone = shares_of(of, transformed(rest[None], **{key: value})[0])
            assert sure == pytest.approx(alone[answer], abs=1e-5), (key, value)
    for row, panel in zip(TRANSFORMATIONS, header["transformations"], strict=True):
        assert panel["values"] == list(row.values)
        assert len(panel["texts"]) == len(row.values)
        assert all(row.values[0] <= value <= row.values[-1] for value, _ in panel["ticks"])
        assert all(low <= row.identity <= high for low, high in panel["ranges"])


def test_a_network_that_has_learnt_nothing_gets_no_verdict():
    header, _ = unpack(duel_curves(a_context(a_run_at_step("12-8"), trained(a_run_at_step("c4k3-p2-c5k3")))))
    assert header["notes"] == ["12-8 has learnt nothing yet: its curve is chance."]


def test_two_networks_of_one_notation_are_told_apart():
    now = a_run_at_step("12-8")
    assert say.names([now]) == ["12-8"]
    assert say.names([now, a_run_at_step("15")]) == ["12-8", "15"]
    assert say.names([now, a_run_at_step("12-8", 20)]) == ["12-8, 28 × 28 pixels", "12-8, 20 × 20 pixels"]
    shuffled = a_run_at_step("12-8", order="shuffled")
    assert say.names([now, shuffled]) == ["12-8, pixels in order", "12-8, pixels shuffled"]
    assert say.names([now, trained(now)]) == ["12-8, epoch 0", "12-8, epoch 1.5"]
    assert say.names([now, a_run_at_step("12-8", seed=1)]) == ["12-8", "12-8, beside it"]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (UNMOVED, "Not moved."),
        (Moved(right=1.0), "1 pixel to the right."),
        (Moved(right=-2.5, down=-1), "2.5 pixels to the left, 1 pixel up."),
        (Moved(down=3, turned=-30, scale=0.5), "3 pixels down, 30° anticlockwise, 0.5 times the size."),
    ],
)
def test_a_move_in_words(how, words):
    assert say.move(how) == words


def made_up(left: int, right: int, up: int | None = None, down: int | None = None, answer: int = 7) -> Confidence:
    """A network that keeps its answer for so many pixels, and throughout where it is turned or scaled."""
    slides = ((left, right), (left if up is None else up, right if down is None else down))
    rows = [
        np.array([answer if -low <= value <= high else 0 for value in TRANSFORMATIONS[0].values])
        for low, high in slides
    ]
    rows += [np.full(len(row.values), answer) for row in TRANSFORMATIONS[2:]]
    return Confidence(answer, tuple(np.zeros(len(row), dtype=np.float32) for row in rows), tuple(rows))


def verdict(*found: Confidence) -> list[str]:
    return say.verdict(["25-15", "c8k3"][: len(found)], found, [str(number) for number in range(10)], [])


def test_the_verdict_names_who_holds_on_longer_whichever_it_is():
    convolution = verdict(made_up(3, 3), made_up(5, 5, 5, 6))[0]
    assert convolution.startswith(
        "Slid left, right, up and down: 25-15 keeps its answer for 3 pixels on average, c8k3 for"
    )
    assert convolution.endswith("for 5.2 pixels on average. c8k3 holds on longer.")
    assert verdict(made_up(5, 5), made_up(3, 3))[0].endswith("25-15 holds on longer.")


def test_the_verdict_can_be_that_there_is_no_difference():
    assert verdict(made_up(3, 3), made_up(3, 3))[0].endswith("That is no real difference for this drawing.")
    assert verdict(made_up(3, 3), made_up(3, 4, 3, 3))[0].endswith("no real difference for this drawing.")
    assert verdict(made_up(3, 3), made_up(4, 4, 3, 3))[0].endswith("c8k3 holds on longer.")


def test_the_verdict_of_one_network_compares_nothing():
    assert verdict(made_up(1, 1))[0] == "Slid left, right, up and down: 25-15 keeps its answer for 1 pixel on average."


def test_where_the_curve_ends_the_verdict_says_at_least():
    assert "for at least 12 pixels" in verdict(made_up(12, 12))[0]
    assert "for 11 pixels" in verdict(made_up(11, 11))[0]


def test_the_other_transformations_and_first_answers_that_differ_are_told_too():
    sentences = verdict(made_up(3, 3), made_up(3, 3, answer=1))
    assert sentences[1] == "Turned: 25-15 keeps its answer all the way round, c8k3 all the way round."
    assert sentences[2] == "Made smaller or larger: 25-15 keeps its answer all the way, c8k3 all the way."
    assert sentences[-1] == "Before you move it, 25-15 reads 7 and c8k3 reads 1: each line follows its own answer."
    label = say.kept_sentence(0, ["25-15", "c8k3"], [made_up(3, 1), made_up(0, 0)])
    assert label == (
        "Slid left or right: 25-15 keeps its answer up to 3 pixels to the left and 1 pixel to the right, "
        "c8k3 nowhere else."
    )
    shrunk = made_up(3, 3)
    shrunk.answers[3][:3] = 0
    label = say.kept_sentence(3, ["25-15"], [shrunk])
    assert label == "Made smaller or larger: 25-15 keeps its answer from 0.7 to 1.8 times the size."


# ---------------------------------------------------------------- the move, as the browser tells it


def test_the_browser_knows_its_own_move_again():
    """What it tells comes back in the answer as the same numbers: so it knows which one is answered."""
    moves = in_node(
        f"""Array.from({{ length: 200 }}, (_, n) =>
              tidy([Math.sin(n) * 13, Math.cos(n) * 13, n * 37.3 - 900, 0.3 + n / 120], {json.dumps(LIMITS)}))""",
        "drag_move.js",
    )
    for move in moves:
        how = read_message(json.dumps({"move": move}))
        assert isinstance(how, Moved)
        header, _ = unpack(duel(a_context(a_run_at_step(), how=how))) if move is moves[0] else ({"move": None}, {})
        assert [how.right, how.down, how.turned, how.scale] == move
        assert header["move"] in (None, move)
