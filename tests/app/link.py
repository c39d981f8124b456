"""What the address bar says: the browser writes it (`connection.js`), and these tests have none."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from nn_viz.data import default_dataset
from nn_viz.ui.live.url import write_query


def link_of(app: AppTest) -> dict[str, str]:
    """The link of what this session has chosen."""
    return write_query(app.session_state.tab.choices, default_dataset())
