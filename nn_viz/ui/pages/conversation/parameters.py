"""The choices of the conversation and their names in a link."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.ui.live.parameters import Parameter, between

STATIONS = 8  # files in ui/assets/conversation (a test counts them)


@dataclass(frozen=True, slots=True)
class ConversationChoices:
    """`station` counts from 1; None: outside of the conversation."""

    station: int | None = None


PARAMETERS = (Parameter("station", between(1, STATIONS)),)
