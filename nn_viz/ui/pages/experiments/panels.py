"""Panels of the Experiments page: the questions, the set-up, the networks side by side, the results."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from nn_viz.data import CATALOGUE
from nn_viz.engine import Run
from nn_viz.experiments import EXPERIMENTS, Arm, Experiment, Panel
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.pages.experiments import actions as act
from nn_viz.ui.pages.experiments.curves import curves_of
from nn_viz.ui.pages.experiments.parameters import ExperimentChoices
from nn_viz.ui.pages.experiments.state import ExperimentState, jobs, prediction_of
from nn_viz.ui.widgets.live_figure import live_figure
from nn_viz.ui.widgets.pixel_wall import pixel_wall
from nn_viz.ui.widgets.rows import rows
from nn_viz.ui.widgets.status_bar import status_bar
from nn_viz.ui.widgets.switches import switches

IN_A_ROW = 3
CARDS_IN_A_ROW = 2
HELP = {
    "run": "Trains all networks of this experiment, as many at once as this computer bears.",
    "again": "Trains them once more: the same seeds give the same result.",
    "stop": "Ends the trainings here. What they have learnt so far stays on the page.",
    "anew": "Back to the question: make another prediction.",
    "open": "To look at this network on the Train and Neuron pages. Your own training there can be brought back.",
}


def catalogue() -> None:
    """Draw the list of all experiments."""
    st.markdown("### Who told this neuron where to look?")
    st.markdown("Nobody. So find out what did: pick a question, say what you expect, and let the networks answer.")
    for start in range(0, len(EXPERIMENTS), CARDS_IN_A_ROW):
        columns = st.columns(CARDS_IN_A_ROW, gap="medium")
        for column, experiment in zip(columns, EXPERIMENTS[start : start + CARDS_IN_A_ROW], strict=False):
            with column, st.container(border=True, key=f"card_{experiment.key}", gap=None):
                st.button(
                    f"**{experiment.question}**",
                    key=f"open_{experiment.key}",
                    on_click=act.open_experiment,
                    args=(experiment.key,),
                    type="tertiary",
                )
                count = len(experiment.arms)
                st.caption(f"{experiment.title} · {count} networks" if count > 1 else experiment.title)


def question(experiment: Experiment) -> None:
    """Draw the experiment's question, and the button that leads back to the list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("All questions", key="experiment_all", on_click=act.open_experiment, args=(None,))
        st.markdown(f"### {experiment.question}")


def set_up(state: ExperimentState, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """Draw, before the run, the predictions to choose from and the controls."""
    st.markdown("**What do you expect?** Say it before you see it.")
    switches(picture["experiment_prediction"])
    controls(state, chosen, picture)


def starts(state: ExperimentState, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """Draw, before the run, the untrained networks that will be compared."""
    across = _across(state.experiment)
    for start in range(0, len(state.experiment.arms), across):
        columns = st.columns(across, gap="medium")
        for number, column in zip(range(start, len(state.experiment.arms)), columns, strict=False):
            arm = state.experiment.arms[number]
            with column:
                st.markdown(f"{_heading(arm)}  \n{arm.sentence}")
                pixel_wall(picture[f"arm{number}"])
    st.caption(_budget(state, chosen))


def controls(state: ExperimentState, chosen: Choices, picture: Mapping[str, bytes]) -> None:
    """Draw the buttons that run and stop the experiment, the number of seeds, and the switches of the walls."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transport", width="content"):
            _buttons(state, chosen)
        # A container for each, so that a part that comes or goes does not make Streamlit mount its neighbours again.
        with st.container(width="content"):
            if state.runs:
                switches(picture["experiment_walls"])
        with st.container(width="content"):
            if not state.runs or state.is_over:
                switches(picture["experiment_seeds"])


def _buttons(state: ExperimentState, chosen: Choices) -> None:
    experiment = state.experiment
    if state.runs and not state.is_over:
        st.button("Stop", key="experiment_stop", on_click=act.stop, help=HELP["stop"], type="primary")
    elif state.runs:
        st.button(
            "Run again", key="experiment_run", on_click=act.run, args=(experiment,), help=HELP["again"], type="primary"
        )
        st.button("Predict anew", key="experiment_anew", on_click=act.begin_anew, help=HELP["anew"])
    else:
        said = prediction_of(chosen, experiment) is not None
        why = HELP["run"] if said else "Say first what you expect: “I don't know” will do."
        st.button(
            "Run",
            key="experiment_run",
            on_click=act.run,
            args=(experiment,),
            help=why,
            type="primary",
            disabled=not said,
        )


def arms(state: ExperimentState, picture: Mapping[str, bytes]) -> Run | None:
    """Draw the networks side by side, and the verdict in the last row if a column is free.

    Return the run that the learner wants to see on the Train page.
    """
    wanted = None
    count = len(state.experiment.arms)
    across = _across(state.experiment)
    for start in range(0, count, across):
        columns = st.columns(across, gap="medium")
        for number, column in zip(range(start, min(start + across, count)), columns, strict=False):
            with column:
                wanted = _arm(state, number, picture) or wanted
        if start + across > count:
            with columns[-1]:
                rows(picture["experiment_verdict"])
    return wanted


def _across(experiment: Experiment) -> int:
    """Return the number of arms in a row."""
    return 4 if len(experiment.arms) == 4 else IN_A_ROW


def _arm(state: ExperimentState, number: int, picture: Mapping[str, bytes]) -> Run | None:
    arm, run = state.experiment.arms[number], state.runs[number][0]
    is_narrow = _across(state.experiment) > IN_A_ROW  # then a long notation would need a second line
    more = f"{arm.sentence} `{arm.spec.notation}` has {arm.spec.parameter_count:,} weights and biases in all."
    st.markdown(f"**{arm.title}**" if is_narrow else _heading(arm), help=more)
    with st.container():
        status_bar(picture[f"arm_status{number}"])
    with st.container():
        if f"arm{number}" in picture:
            pixel_wall(picture[f"arm{number}"])
        else:
            st.caption("Its pictures appear with its first step.")
    if run is None or not run.snapshots:
        return None
    pressed = st.button(
        "Open on the Train page", key=f"experiment_open{number}", type="tertiary", help=HELP["open"] + _which(state)
    )
    return run if pressed else None


def _which(state: ExperimentState) -> str:
    return " This is its first seed." if len(state.runs[0]) > 1 else ""


def outcome(state: ExperimentState, picture: Mapping[str, bytes]) -> None:
    """Draw the verdict (unless `arms` has drawn it), the curves, and the experiment's own pictures."""
    curves = [partial(_curve, curve.title, number, picture) for number, curve in enumerate(curves_of(state))]
    own = [partial(_panel, panel, number, picture) for number, panel in enumerate(state.experiment.panels)]
    stands_alone = len(state.runs) % _across(state.experiment) == 0
    verdict = [partial(rows, picture["experiment_verdict"])] if stands_alone else []
    _rows([*verdict, *curves[:2]])
    _rows([*own, *curves[2:]])


def _rows(parts: Sequence[Callable[[], None]]) -> None:
    """Draw parts in rows of up to `IN_A_ROW`."""
    across = max(1, min(IN_A_ROW, len(parts)))
    for start in range(0, len(parts), across):
        columns = st.columns(across, gap="medium")
        for column, part in zip(columns, parts[start : start + across], strict=False):
            with column, st.container():
                part()


def _panel(panel: Panel, number: int, picture: Mapping[str, bytes]) -> None:
    if f"experiment_panel{number}" in picture:
        st.markdown(f"**{panel.title}**")
        pixel_wall(picture[f"experiment_panel{number}"])
        st.caption(panel.sentence)


def _curve(title: str, number: int, picture: Mapping[str, bytes]) -> None:
    if f"experiment_curve{number}" in picture:
        st.markdown(f"**{title}**")
        live_figure(picture[f"experiment_curve{number}"])


def afterwards(state: ExperimentState, chosen: Choices) -> str | None:
    """Draw, after the run, what it shows and what to try next; return the page that the learner wants to see."""
    experiment, page = state.experiment, None
    shows, further = st.columns([1.4, 1], gap="large")
    with shows:
        st.markdown("**What this shows**")
        st.markdown(" ".join(experiment.shows))
    with further:
        st.markdown("**Try this next**")
        for number, step in enumerate(experiment.try_next):
            if st.button(step.text, key=f"experiment_next_{experiment.key}_{number}", type="tertiary"):
                page = act.follow(step)
    with st.popover("Link to this experiment"):
        st.markdown("Who opens it can make a prediction and run the same experiment, seed by seed.")
        st.code(_link(state, chosen), language=None, wrap_lines=True)
    return page


def _link(state: ExperimentState, chosen: Choices) -> str:
    address = (st.context.url or "").split("?")[0]
    seeds = len(state.runs[0]) if state.runs else chosen.of(ExperimentChoices).seeds
    return f"{address}?experiment={state.experiment.key}&seeds={seeds}&dataset={_dataset(state, chosen)}"


def _dataset(state: ExperimentState, chosen: Choices) -> str:
    """Return the name of the dataset that the networks are, or will be, trained on."""
    return next((run.config.dataset for run in state.all_runs if run is not None), chosen.config.dataset)


def _heading(arm: Arm) -> str:
    return f"**{arm.title}** · `{arm.spec.notation}`"


def _budget(state: ExperimentState, chosen: Choices) -> str:
    """Say how many trainings, epochs and pictures the experiment takes."""
    entry = CATALOGUE[chosen.config.dataset]
    todo = [config for _, config in jobs(state.experiment, chosen.config.dataset, chosen.of(ExperimentChoices).seeds)]
    epochs = _range([config.epochs for config in todo])
    used = [min(config.examples or entry.train_size, entry.train_size) for config in todo]
    pictures = _range(used) + (f" of its {entry.train_size:,}" if min(used) < entry.train_size else "")
    return (
        f"{len(todo)} trainings of {epochs} {'epoch' if epochs == '1' else 'epochs'} on {entry.title}: {pictures} "
        f"pictures to learn from and {entry.test_size:,} others for the test. An epoch is once through all of those to "
        "learn from."
    )


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
