"""Sets Streamlit's options from `streamlit.toml` in this folder, wherever the app is started from."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from streamlit import config

FILE = Path(__file__).with_name("streamlit.toml")


@cache
def packaged_options() -> dict[str, object]:
    """Return the value of each option in `streamlit.toml` by its full name, such as "theme.light.primaryColor"."""
    return dict(_leaves(tomllib.loads(FILE.read_text("utf-8"))))


@cache
def use_packaged_options() -> None:
    """Set every option that is not set by a `config.toml` of Streamlit's, a variable or a flag.

    Again after each time that Streamlit reads its files anew, which `streamlit run` does when one changes.
    """
    config.on_config_parsed(_fill_in, force_connect=True)
    config.get_config_options()
    _fill_in()


def _fill_in() -> None:
    for name, value in packaged_options().items():
        if not config.is_manually_set(name):
            config.set_option(name, value, f"{FILE.name} of nn_viz")


def _leaves(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
