"""The conversation."""

from __future__ import annotations

from nn_viz.ui.scene import Scene


def conversation_panel(scene: Scene, page: str) -> None:
    """Nothing yet."""
