"""The panel of the training settings: one widget per row of `nn_viz.training.FIELDS`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from nn_viz.engine import EngineError
from nn_viz.network import INITIALISATIONS
from nn_viz.training import (
    DEVICES,
    FIELDS,
    LABELS,
    OPTIMISERS,
    PIXEL_ORDERS,
    SCALINGS,
    SCHEDULES,
    ConfigError,
    Field,
    check_affordable,
    devices,
)
from nn_viz.ui.live import session
from nn_viz.ui.live.choices import Choices
from nn_viz.ui.live.shared_engine import shared_engine
from nn_viz.ui.widgets.bound_widget import bound

WORDS: dict[str, Any] = {
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "initialisation": INITIALISATIONS,
    "pixel_order": PIXEL_ORDERS,
    "scaling": SCALINGS,
    "labels": LABELS,
    "device": DEVICES,
}
HELP = {
    "learning_rate": "How big a step the weights take after each batch. You may change it while the network trains.",
    "batch_size": "How many digits the network looks at before it changes its weights.",
    "epochs": "An epoch is once through all the digits.",
    "l2": "Pulls every weight a little towards zero at each step. Also called weight decay.",
    "seed": "The number that the dice start from: the same seed gives the same network and the same training again.",
    "augmentation": "Shifts, turns and stretches the training digits a little, differently each time.",
    "optimiser": "How a gradient becomes a step.",
    "schedule": "How the learning rate changes during training.",
    "initialisation": "What the weights are before anything is learnt.",
    "pixel_order": "Swap all pixels around in one fixed way: can the network still learn?",
    "scaling": "Which numbers the pixels are to the network.",
    "labels": "What the network is told about each training picture.",
    "examples": "How many of the training pictures it learns from; 0 is all of them. An epoch is once through these.",
    "ledger": "Keeps the books of who moved each weight of the first layer, for the Neuron page. Training takes up to "
    "twice as long.",
    "device": "Where the numbers are crunched.",
}
# Shown in this order, the first ones first; the dataset has a panel of its own.
ORDER = (
    "optimiser",
    "learning_rate",
    "epochs",
    "batch_size",
    "seed",
    "initialisation",
    "schedule",
    "l2",
    "augmentation",
    "pixel_order",
    "scaling",
    "labels",
    "examples",
    "ledger",
    "device",
)


def settings_panel(chosen: Choices) -> None:
    """Draw the settings. All but the learning rate take effect with the next training."""
    by_name = {field.name: field for field in FIELDS}
    refused, sentence = st.session_state.pop("refused_setting", ("", ""))
    for name in ORDER:
        _setting(chosen, by_name[name])
        if refused == name:
            st.warning(sentence)
        if name == "batch_size":
            _say_if_too_large(chosen)


def _say_if_too_large(chosen: Choices) -> None:
    """Warn where network and batch size together are too costly: the engine would refuse to train them."""
    try:
        check_affordable(chosen.spec, chosen.config)
    except ConfigError as error:
        st.warning(str(error))


def change_setting(name: str, value: Any) -> None:
    """Choose a setting. The learning rate reaches a run in progress; another setting leaves that run paused."""
    config = session.choices().config
    changes = {name: value}
    if name == "optimiser":
        changes["learning_rate"] = OPTIMISERS[value].learning_rate
    try:
        changed = replace(config, **changes)
    except ConfigError as error:
        st.session_state.refused_setting = (name, str(error))
        return
    if changed == config:
        return
    run = session.current_run()
    if name == "learning_rate" and run is not None and run.status.is_active:
        try:
            shared_engine().set_learning_rate(run.id, changed.learning_rate)
        except EngineError as error:
            session.add_notice(str(error))
    else:
        session.detach()
    session.choose(config=changed)


def _setting(chosen: Choices, field: Field) -> None:
    value = getattr(chosen.config, field.name)
    common: dict[str, Any] = {
        "key": f"setting_{field.name}",
        "value": value,
        "apply": lambda new: change_setting(field.name, value if new is None else new),
    }
    label = field.title[0].upper() + field.title[1:]
    if field.name in WORDS:
        rows = WORDS[field.name]
        here = {"auto", *(device.name for device in devices())}
        options = [name for name in rows if field.name != "device" or name in here]
        bound(
            st.selectbox,
            label,
            **common,
            options=options if value in options else [*options, value],
            format_func=lambda name: rows[name].title,
            help=f"{HELP[field.name]} {rows[value].title}: {rows[value].sentence}",
        )
    elif isinstance(value, bool):
        bound(st.toggle, label, **common, help=HELP[field.name])
    else:
        # No bounds here: the browser would refuse a number without a word, the configuration says what is wrong.
        whole = isinstance(value, int)
        bound(
            st.number_input,
            label,
            **common,
            step=1 if whole else None,
            format=None if whole else "%g",
            help=HELP[field.name],
        )
