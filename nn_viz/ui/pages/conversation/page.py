"""The conversation: no page of its own, a panel above the pages that it leads through."""

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
    # Within it the answers and the ways may depend on everything.
    script_choices=lambda context: context.chosen if context.chosen.of(ConversationChoices).station else None,
    parameters=PARAMETERS,
)
