"""Prints nn_viz/ui/live/palette_table.js: the palette of figures/palette.py as the browser reads it."""

from __future__ import annotations

import json

from nn_viz.figures.palette import browser_table

HEAD = """\
// Made from figures/palette.py by `.venv/bin/python -m scripts.palette_table`; a test compares the two.
/** @type {{ ramps: Record<string, [string[], string[]]>, roles: Record<string, [string, string]> }} */
export const PALETTE = """


def module_text() -> str:
    """Return the whole module."""
    return f"{HEAD}{json.dumps(browser_table(), separators=(',', ':'))};\n"


if __name__ == "__main__":
    print(module_text(), end="")
