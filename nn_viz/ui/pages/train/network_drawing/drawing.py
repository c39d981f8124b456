"""Component: an SVG drawing made by the server. `st.html` would strip it, `st.image` would lose the theme's colours.

Message: {view, svg}. Nothing comes back.
"""

from __future__ import annotations

from nn_viz.ui.live.registration import register

_mount = register("drawing", script="drawing.js")


def drawing(svg: str, *, key: str, view: str) -> None:
    """Show `svg`, one of nn_viz's own drawings: whatever text it holds must be escaped already."""
    _mount(key=key, data={"view": view, "svg": svg})
