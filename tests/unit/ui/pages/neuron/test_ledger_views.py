"""Who moved this weight: the page's figures are the ledger's, its sentences say them, and its parts add up."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from nn_viz.figures.ledger import weight_path
from nn_viz.training import DECAY, SOURCES
from nn_viz.ui.live.choice_names import changed
from nn_viz.ui.pages.neuron import ledger_words as say
from nn_viz.ui.pages.neuron.ledger_views import blown_up, ledger, ledger_path, ledger_words, pile, shown_ledger
from nn_viz.ui.pages.neuron.lens_views import chosen_pixel
from tests.unit.neuron_contexts import context_of, live, values_of
from tests.unit.sent import lines_of, unpack

DIGITS = [str(digit) for digit in range(10)]


def an_account(start=-0.031, now=0.412, gap=3e-7, since=0, **parts) -> say.Account:
    values = np.zeros(SOURCES)
    for name, value in parts.items():
        values[DECAY if name == "decay" else int(name[1:])] = value
    return say.Account(start, now, values, gap, since)


def numbers(sentence: str) -> list[float]:
    return [float(text) for text in re.findall(r"[+-]\d+\.\d+|0\.000\b", sentence.replace(say.MINUS, "-"))]


# ---------------------------------------------------------------- the figures are the ledger's


@pytest.mark.parametrize(("notation", "neuron"), [("12-8", 3), ("none", 7), ("c4k3-p2-c5k3", 2), ("p2-12", 5)])
@pytest.mark.parametrize("l2", ["0", "0.01"])
def test_start_and_parts_add_up_to_the_weight_of_the_network(notation, neuron, l2):
    context = context_of(notation, neuron=neuron, with_={"l2": l2})
    now, pixel = context.now, chosen_pixel(context.now, context.chosen)
    header, _ = unpack(ledger(context))
    rows = {row["name"]: row["values"][0] for row in header["rows"]}
    weights = now.snapshot.parameters[f"{now.first_layer}.weight"][neuron].ravel()
    first = now.first.parameters[f"{now.first_layer}.weight"][neuron].ravel()
    assert rows["= now"] == pytest.approx(weights[pixel])
    assert rows["start"] == pytest.approx(first[pixel])
    assert set(rows) == {"start", "= now", *(f"{digit}s" for digit in DIGITS), *(["decay"] if l2 != "0" else [])}
    assert sum(rows.values()) - rows["= now"] == pytest.approx(rows["= now"], abs=2e-6)
    classes = [row["values"][0] for row in header["rows"][1:11]]
    assert classes == sorted(classes, reverse=True)
    # The largest miss of the whole neuron, as the last sentence has it.
    book = now.snapshot.ledger
    assert book is not None
    miss = (book.start[neuron].astype(float) + book.parts[:, neuron].astype(float).sum(0)).ravel() - weights
    assert f"balance to {say.exactly(np.abs(miss).max())}." in lines_of(ledger_words(context))[-1]


def test_the_pile_is_the_whole_change_split_by_class():
    context = context_of("12-8", neuron=3)
    now = context.now
    message = pile(context)
    header, _ = unpack(message)
    assert header["labels"] == [*(f"{digit}s" for digit in DIGITS), "= change"]
    pictures = values_of(message)
    change = (now.snapshot.parameters["0.weight"][3] - now.first.parameters["0.weight"][3]).reshape(28, 28)
    assert np.abs(pictures[-1] - change).max() < 1e-4 * np.abs(change).max()
    assert np.abs(pictures[:-1].sum(axis=0) - change).max() < 1e-3 * np.abs(change).max()


def test_the_path_goes_through_every_kept_moment_and_time_travel_marks_one():
    context = context_of("12-8", neuron=3, pixel=406)
    now = context.now
    figure = unpack(ledger_path(context))[0]["figure"]
    weight = next(trace for trace in figure["data"] if trace["name"] == "the weight")
    assert weight["y"] == pytest.approx([float(s.parameters["0.weight"][3, 406]) for s in now.history])
    sevens = next(trace for trace in figure["data"] if trace["name"] == "7s")
    assert sevens["y"] == pytest.approx([float(s.ledger.parts[7, 3].ravel()[406]) for s in now.history if s.ledger])
    earlier = replace(context, now=replace(now, snapshot=now.history[1], is_held=True))
    header, _ = unpack(ledger(earlier))
    assert header["step"] == now.history[1].step
    assert header["rows"][-1]["values"][0] == pytest.approx(float(now.history[1].parameters["0.weight"][3, 406]))
    assert unpack(ledger_path(earlier))[0]["figure"]["layout"]["shapes"]


def test_while_it_learns_the_ledger_is_that_of_the_last_kept_moment():
    context = context_of("12-8", neuron=3)
    assert unpack(ledger(live(context)))[0]["step"] == context.now.snapshot.step
    assert unpack(pile(live(context)))[0]["step"] == context.now.snapshot.step


@pytest.mark.parametrize(
    ("context", "sentence"),
    [
        (lambda: context_of("12-8", layer=1), say.LATER),
        (lambda: context_of("12-8", with_={"ledger": "0"}), say.OFF),
        (lambda: context_of("60"), "The first layer has 47,040 weights"),
    ],
    ids=["a later layer", "switched off", "too large"],
)
def test_where_there_is_no_ledger_the_page_says_why(context, sentence):
    context = context()
    header, _ = unpack(ledger_words(context))
    (line,) = header["lines"]
    assert line["text"].startswith(sentence)
    assert ledger(context) is None
    assert pile(context) is None
    now = context.now
    if context.chosen.layer > 0:
        assert ledger_path(context) is None
        return
    # The path of the weight is there all the same, alone.
    (line,) = unpack(ledger_path(context))[0]["figure"]["data"]
    pixel = chosen_pixel(now, context.chosen)
    assert line["y"] == pytest.approx([float(s.parameters["0.weight"][0, pixel]) for s in now.history])


def test_before_training_the_ledger_is_there_and_empty():
    context = context_of("12-8", trained=False, neuron=3)
    assert lines_of(ledger_words(context)) == [say.NOT_YET]
    rows = unpack(ledger(context))[0]["rows"]
    assert rows[0]["values"] == rows[-1]["values"]
    assert {row["values"][0] for row in rows[1:-1]} == {0.0}
    assert not values_of(pile(context)).any()
    assert unpack(ledger_path(context))[0]["step"] == 0


def test_a_ledger_begun_on_the_way_names_what_momentum_did():
    context = context_of("12-8", neuron=3, pixel=406)
    now = context.now
    last, book = now.snapshot, now.snapshot.ledger
    assert book is not None
    parts = np.concatenate([book.parts, book.parts[7:8]])
    parts[7] = 0
    opened = replace(last, ledger=replace(book, since=last.step - 1, parts=parts))
    later = replace(context, now=replace(now, snapshot=opened, history=(*now.history[:-1], opened)))
    rows = {row["name"]: row["values"][0] for row in unpack(ledger(later))[0]["rows"]}
    assert rows["before"] == pytest.approx(float(book.parts[7, 3].ravel()[406]))
    assert "Speed from before the books were opened" in lines_of(ledger_words(later))[0]
    assert unpack(pile(later))[0]["labels"][-2:] == ["before", "= change"]
    assert [t["name"] for t in unpack(ledger_path(later))[0]["figure"]["data"]].count("before") == 1


def test_the_ledger_of_a_window_is_that_of_its_own_weight():
    pixel = 4 * 676 + 13 * 26 + 14
    context = context_of("l3-p2-10", pixel=pixel)
    now, book = context.now, context.now.snapshot.ledger
    assert book is not None
    header, _ = unpack(ledger(context))
    assert header["title"] == "Weight 5 of the window in row 14, column 15"
    rows = {row["name"]: row["values"][0] for row in header["rows"]}
    assert rows["= now"] == pytest.approx(now.snapshot.parameters["0.weight"][13 * 26 + 14, 0, 1, 1])
    assert rows["7s"] == pytest.approx(book.parts[7, 13 * 26 + 14, 0, 1, 1])
    assert sum(rows.values()) - rows["= now"] == pytest.approx(rows["= now"], abs=2e-6)
    assert "this map's books balance" in lines_of(ledger_words(context))[1]
    seventh = values_of(pile(context))[7]
    assert seventh[13, 14] == pytest.approx(book.parts[7, 13 * 26 + 14, 0, 1, 1], abs=1e-5)
    line = next(t for t in unpack(ledger_path(context))[0]["figure"]["data"] if t["name"] == "the weight")
    assert line["y"][-1] == pytest.approx(rows["= now"])


def test_parts_that_adam_magnified_are_explained_where_they_stand():
    context = context_of("12-8", neuron=1)
    now = context.now
    blown = blown_up(now, 1)
    assert 0 < blown.sum() < 40
    book = now.snapshot.ledger
    assert book is not None
    # The first batch moved no weight by more than the rate: such a part is many times what that allows.
    assert np.abs(book.parts[:DECAY, 1]).max(axis=0)[blown].min() > 15 * now.config.learning_rate
    pixel = int(np.flatnonzero(blown.ravel())[0])
    lines = lines_of(ledger_words(replace(context, chosen=changed(context.chosen, pixel=pixel))))
    assert lines[1] == say.ADAM
    assert "books balance" in lines[-1]
    plain = int(np.flatnonzero(~blown.ravel() & ~now.silent.ravel())[0])
    assert say.ADAM not in lines_of(ledger_words(replace(context, chosen=changed(context.chosen, pixel=plain))))
    assert f" {blown.sum()} of the 784 weights of this neuron " in unpack(pile(context))[0]["notes"][0]
    # At the start nothing has been magnified yet, and plain SGD never does it.
    start = replace(context, now=replace(now, snapshot=now.history[0]))
    assert not blown_up(start.now, 1).any()
    assert not any(blown_up(context_of("12-8", with_={"optimiser": "sgd"}).now, unit).any() for unit in range(12))


def test_a_tug_of_war_is_one_where_most_of_the_parts_cancels():
    assert say.is_tug(an_account(c7=0.9, c4=-0.8))
    assert not say.is_tug(an_account(c7=0.9, c4=-0.4))
    assert not say.is_tug(an_account(c7=0.09, c4=-0.09))  # too small to wonder about


def test_a_silent_pixel_says_that_nobody_moved_it():
    context = context_of("12-8", neuron=3)
    corner = replace(context, chosen=changed(context.chosen, pixel=0))
    assert context.now.silent[0, 0]
    assert lines_of(ledger_words(corner))[0] == say.SILENT
    assert not shown_ledger(context.now)[1].parts[:, :, 0].any()


# ---------------------------------------------------------------- words


def test_the_sentence_names_the_strongest_on_both_sides_with_their_figures():
    account = an_account(c7=0.9, c4=-0.3, c2=0.2, c1=0.1, c0=-0.05, c9=-0.44, decay=0.033)
    sentence, balance = say.sentences(account, say.whose(DIGITS, "true"))
    assert sentence == (
        "This weight began at −0.031 and stands at +0.412. The 7s pushed it up by 0.900, the 2s by 0.200; the 9s "
        "pulled it down by 0.440, the 4s by 0.300. Weight decay: +0.033."
    )
    assert numbers(balance) == [-0.031, pytest.approx(account.start + account.parts.sum(), abs=5e-4)]
    assert balance.endswith("balance to 0.0000003.")


def test_the_sentence_leaves_out_a_side_that_nobody_is_on():
    sentence, _ = say.sentences(an_account(c7=0.443), say.whose(DIGITS, "true"))
    assert "pulled" not in sentence and "decay" not in sentence
    sentence, _ = say.sentences(an_account(c7=-0.443, now=-0.474, gap=0.0), say.whose(DIGITS, "true"))
    assert "pushed" not in sentence
    assert say.sentences(an_account(now=-0.031), DIGITS)[0] == say.UNMOVED
    assert say.sentences(an_account(c7=0.1, since=63), DIGITS)[0].startswith("This weight stood at batch 63 at −0.031")


def test_a_ledger_that_adds_up_to_the_last_bit_says_so():
    assert say.balance(an_account(gap=0.0)).endswith("balance exactly.")


@pytest.mark.parametrize(
    ("value", "text"), [(3e-7, "0.0000003"), (1.2e-6, "0.000001"), (0.02, "0.02"), (2.0, "2.0"), (9.9e-7, "0.000001")]
)
def test_a_tiny_gap_is_written_in_full(value, text):
    assert say.exactly(value) == text or float(say.exactly(value)) == pytest.approx(float(text), rel=0.2)


def test_words_fit_every_kind_of_pictures():
    assert say.whose(DIGITS, "true")[7] == "the 7s"
    assert say.whose(DIGITS, "random")[7] == "those labelled 7"
    assert say.whose(["Bag", "Coat"], "true") == ["the pictures of “Bag”", "the pictures of “Coat”"]
    assert say.short(["Bag", "7"]) == ["Bag", "7s"]
    assert (say.signed(-0.0001), say.signed(-0.5), say.signed(0.25)) == ("0.000", "−0.500", "+0.250")


# ---------------------------------------------------------------- the figure


def test_three_on_each_side_stand_out_and_names_never_overlap():
    parts = np.zeros((3, 12))
    parts[-1] = [0.5, 0.49, 0.48, 0.47, -0.1, -0.11, -0.12, -0.13, 0.001, 0, 0, 0]
    names = [*(f"{digit}s" for digit in DIGITS), "decay", "before"]
    figure = weight_path([0, 0.5, 1], [0, 0.1, 0.2], parts, names=names, held=0.5)
    roles = {trace["name"]: trace["meta"]["colours"]["line.color"] for trace in figure["data"]}
    assert {name for name, role in roles.items() if role == "up"} == {"0s", "1s", "2s"}
    assert {name for name, role in roles.items() if role == "down"} == {"5s", "6s", "7s"}
    assert "decay" not in roles  # it never did anything
    low, high = figure["layout"]["yaxis"]["range"]
    heights = sorted(mark["y"] for mark in figure["layout"]["annotations"])
    assert min(np.diff(heights)) > 0.07 * (high - low)
    assert {mark["text"] for mark in figure["layout"]["annotations"]} == {
        "0s",
        "1s",
        "2s",
        "5s",
        "6s",
        "7s",
        "<b>the weight</b>",
    }
    parts[1, 10] = -0.2
    decay = next(t for t in weight_path([0, 0.5, 1], [0, 0, 0], parts, names=names)["data"] if t["name"] == "decay")
    assert decay["line"]["dash"] == "dot"
    with pytest.raises(ValueError, match="snapshots"):
        weight_path([0, 1], [0.0, 0.1], parts, names=names)
