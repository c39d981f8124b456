"""Serves the app from this process, as `streamlit run app.py` would, but without a file outside of the package."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from streamlit.web import bootstrap
from streamlit.web.cli import main_run
from streamlit.web.server import server_util
from streamlit.web.server.starlette.starlette_server import UvicornRunner

from nn_viz.ui.app import server
from nn_viz.ui.app.addresses import hosts_for_others


def serve(host: str, port: int, announce: Callable[[Callable[[str], str]], None]) -> None:
    """Listen on `host`:`port` (0: any free one) until a signal ends the server.

    When it answers, `announce` is called with a function that returns the page's address for the name of a host.
    """
    flags = {
        "server.port": port,
        # An address also keeps Streamlit from asking the internet for this machine's outer one.
        "server.address": host,
        "browser.serverAddress": next(iter(hosts_for_others(host)), host),
        "server.headless": True,  # the command itself opens a browser,
        "logger.hideWelcomeMessage": True,  # and prints the addresses
    }
    # Before the routes: they stand under Streamlit's base path.
    bootstrap.load_config_options(_options_from_environment() | flags)
    server.prepare()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        async with server.lifespan(app) as state:
            announce(server_util.get_url)  # the socket listens by now
            yield state

    # Not App.run(): it takes the options in only after the routes were made, and puts its own folder on sys.path.
    UvicornRunner(st.App(server.FRAME, lifespan=lifespan, routes=server.routes(), middleware=server.middleware())).run()


def _options_from_environment() -> dict[str, object]:
    """Return Streamlit's options from STREAMLIT_ variables: only `streamlit run` reads these, so it is asked."""
    try:
        found = main_run.make_context("run", []).params
    except Exception as error:  # one of click's: a value of the wrong kind
        sys.exit(f"nn_viz: {getattr(error, 'format_message', error.__str__)()}")
    return {name: value for name, value in found.items() if name not in ("target", "args")}
