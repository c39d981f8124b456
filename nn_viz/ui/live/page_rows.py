"""Finds the pages: every folder in `nn_viz.ui.pages` whose `page.py` has a `PAGE`.

They are imported by name at run time, because `pages` is a layer above `live`: to add a page is to add a folder, and no
other module names it.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from nn_viz.ui.live.page_spec import PageSpec

PACKAGE = "nn_viz.ui.pages"


@cache
def page_rows() -> tuple[PageSpec, ...]:
    """Return the rows of all pages, in the order of the navigation."""
    folders = [module.name for module in pkgutil.iter_modules(import_module(PACKAGE).__path__) if module.ispkg]
    rows = [import_module(f"{PACKAGE}.{folder}.page").PAGE for folder in folders]
    return tuple(sorted(rows, key=lambda row: row.position))


def navigable_pages() -> tuple[PageSpec, ...]:
    """Return the rows that are pages of their own."""
    return tuple(row for row in page_rows() if row.show is not None)


def page_of(key: str) -> PageSpec:
    """Return the row of this key. Raises KeyError where there is none."""
    for row in page_rows():
        if row.key == key:
            return row
    raise KeyError(key)
