"""The row of the conversation, which is a panel above the other pages and not in the navigation."""

from __future__ import annotations

from nn_viz.ui.live.page_spec import PageSpec
from nn_viz.ui.pages.conversation.panel import conversation_panel, start_button
from nn_viz.ui.pages.conversation.parameters import PARAMETERS, ConversationChoices

PAGE = PageSpec(
    "conversation",
    position=6,
    above=conversation_panel,
    entrance=start_button,
    follows_training=lambda choices: choices.of(ConversationChoices).station is not None,
    choices=ConversationChoices,
    # At a station, the answer and the buttons may depend on any choice.
    script_choices=lambda context: context.chosen if context.chosen.of(ConversationChoices).station else None,
    parameters=PARAMETERS,
)
