"""Panels of the Neuron page: the units, the large picture, the ledger of a weight, the analyses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from nn_viz.ui.live.choices import Choices
from nn_viz.ui.pages.neuron.lens import lens
from nn_viz.ui.widgets.bound_widget import bound
from nn_viz.ui.widgets.heading import heading
from nn_viz.ui.widgets.live_figure import live_figure
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.rows import rows
from nn_viz.ui.widgets.settings_panel import HELP, change_setting
from nn_viz.ui.widgets.switches import switches

PILE_HELP = (
    "The ledger of all weights at once: these pictures together are the neuron's change since the start, the last one. "
    "Where the classes pull against each other, little of what they do is left in it: “Own scale” still shows it."
)

Pictures = Mapping[str, bytes]

LENS_HELP = (
    "Orange: ink here speaks for it. Blue: ink here speaks against it. Click a pixel, or choose one with the arrow "
    "keys and Enter: the ledger shows who moved its weight."
)
LEDGER_HELP = (
    "Every step of training is a sum over the pictures of the batch. The ledger keeps each class's part of every step "
    "apart, so start plus all parts is the weight, not an estimate of it."
)


def choose_panel(picture: Pictures) -> None:
    """Draw the units of the layer, and the controls that choose one by number."""
    for channel in ("layer_switches", "unit_switches"):
        if channel in picture:
            switches(picture[channel])
    pixel_wall(picture["choose_unit"])


def lens_panel(picture: Pictures) -> None:
    """Draw the chosen unit large."""
    heading(picture["lens_title"], help=LENS_HELP)
    switches(picture["lens_switches"])
    lens(picture["lens"])


def ledger_panel(chosen: Choices, picture: Pictures) -> None:
    """Draw the ledger of the chosen weight."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**The ledger: who moved this weight?**", help=LEDGER_HELP, width="content")
        if "pixel_switch" in picture:
            with st.container(width="content"):
                switches(picture["pixel_switch"])
            bound(
                st.toggle,
                "Keep the ledger",
                key="keep_ledger",
                value=chosen.config.ledger,
                apply=lambda on: change_setting("ledger", on),
                help=f"{HELP['ledger']} It counts from the next training on.",
            )
    rows(picture["ledger_words"])
    if "pushed_now" in picture:
        pixel_wall(picture["pushed_now"])
    if "ledger" in picture:
        path, ledger_column = st.columns([1.25, 1], gap="small")
        with path:
            live_figure(picture["ledger_path"])
        with ledger_column:
            rows(picture["ledger"])
    elif "ledger_path" in picture:
        live_figure(picture["ledger_path"])


def pile_panel(picture: Pictures) -> None:
    """Draw each class's part of the whole unit."""
    if "pile" in picture:
        st.markdown("**Every class leaves its stamp: what each of them added to the whole picture**", help=PILE_HELP)
        pixel_wall(picture["pile"])


def question_panel(picture: Pictures) -> None:
    """Draw the switch that chooses an analysis, and that analysis."""
    switches(picture["question_switches"])
    with st.container():
        for row in ANSWERS:
            shown = [(channel, mount) for channel, mount in row if channel in picture]
            if len(shown) == 1:
                shown[0][1](picture[shown[0][0]])
            elif shown:
                for column, (channel, mount) in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
                    with column:
                        mount(picture[channel])


# Rows of channels, side by side; those of the other questions are not drawn.
ANSWERS: tuple[tuple[tuple[str, Callable[[bytes], None]], ...], ...] = (
    (("push_words", rows),),
    (("pushed_up", rows), ("pushed_down", rows)),
    (("answer_words", rows),),
    (("top_pictures", rows), ("least_pictures", rows)),
    (("class_answers", rows), ("histogram", rows)),
    (("dream_words", rows),),
    (("dreams", rows), ("effective", pixel_wall)),
    (("meter", rows),),
    (("regions", pixel_wall),),
    (("job_words", rows),),
    (("with_and_without", rows), ("board", rows)),
)
