"""Binds Streamlit's own widgets to the tab's choices: a widget shows a choice and changes it, but does not store it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

STALE_SECONDS = 1.5  # a report of the value before a write is taken for late up to then: longer than a round trip


def bound(
    widget: Callable[..., Any],
    label: str,
    *,
    key: str,
    value: Any,
    apply: Callable[[Any], object],
    **options: Any,
) -> None:
    """Draw a widget that always shows `value`; `apply` is called with the value that a person sets.

    The choices are stored in one place (`session.choices`). Streamlit would store a second copy under the widget's key
    and drop it when the page changes; here the widget follows the choices instead, also when a preset or a link changes
    them. The page's script also runs without a click, when its layout has changed, and with each run the browser
    reports all widgets as it knows them, perhaps from before the server's last write. So:

    * a widget begins with `value` as its default, which is what the browser reports from the start;
    * later a value is written only where it differs: writing would undo a click that is on its way to the server;
    * a report of the value before a write, within `STALE_SECONDS` of it, is not taken for a click.
    """
    key = f"widget_{key}"
    if key not in st.session_state:
        st.session_state[f"{key}_default"] = value
    elif st.session_state[key] != value:
        st.session_state[f"{key}_before"] = (st.session_state[key], time.monotonic())
        st.session_state[key] = value
    allowed = options.get("options")
    default = st.session_state[f"{key}_default"]
    if widget is st.selectbox:
        options["index"] = list(options["options"]).index(default) if default in options["options"] else 0
    elif widget is st.segmented_control:
        options["default"] = default
    else:
        options["value"] = default
    widget(label, key=key, on_change=_changed, args=(key, apply, allowed), **options)


def _changed(key: str, apply: Callable[[Any], object], allowed: Sequence[Any] | None) -> None:
    """Apply the value that a person has set; an emptied field or a late report of an earlier value changes nothing."""
    value = st.session_state.get(key)
    before, written = st.session_state.get(f"{key}_before", (None, 0.0))
    is_late = value == before and time.monotonic() < written + STALE_SECONDS
    if value is not None and not is_late and (allowed is None or value in allowed):
        apply(value)
