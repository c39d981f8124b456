"""Lazy package exports (PEP 562): a name's module is imported when the name is first used."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def lazy_exports(
    package: str, modules: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package: `modules` says which names come from which module.

    A name that was looked up is stored in the package, so each is looked up once. Raises AttributeError for others.
    """
    sources = {name: module for module, names in modules.items() for name in names}

    def getattr_of_package(name: str) -> object:
        if name not in sources:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found: object = getattr(import_module(sources[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    def dir_of_package() -> list[str]:
        return sorted({*vars(sys.modules[package]), *sources})

    return getattr_of_package, dir_of_package
