"""Serves the scripts of the user interface: ES modules, unbuilt, in a folder named after a hash of all of them.

A module imports another by its relative path, so the folders under the hash are those under `nn_viz/ui`. There is one
hash for all: with a hash each, unchanged modules would import a changed one by its old address.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections import Counter
from functools import cache, partial
from pathlib import Path

from nn_viz.ui.live.static_files import FOLDER, offer

UI = Path(__file__).parents[1]
STUB = "stub.js"  # sent along with each component (registration.py), not served
_IMPORT = re.compile(r"""^(?:import|export)\b[^"';]*?["'](\.[^"']+)["'];""", re.MULTILINE)


@cache
def source_of(name: str) -> Path:
    """Return the path of a script or style sheet of the user interface; their names are unique (a test holds that).

    Raises ValueError where there is none or more than one.
    """
    (path,) = UI.rglob(name)
    return path


@cache
def modules() -> dict[str, bytes]:
    """Read every module, by its path below `nn_viz/ui`."""
    paths = sorted(path for path in UI.rglob("*.js") if path.name != STUB)
    return {path.relative_to(UI).as_posix(): path.read_bytes() for path in paths}


@cache
def served_folder() -> str:
    """Serve all modules; return the folder that they are in, relative to the server's base, with a slash at its end."""
    digest = hashlib.sha256()
    for path, content in modules().items():
        digest.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    folder = digest.hexdigest()[:16]
    for path in modules():
        offer(f"{folder}/{path}", partial(modules().__getitem__, path))
    return f"{FOLDER}/{folder}/"


def imports_of(path: str) -> list[str]:
    """Return the modules that a module imports itself, as paths like its own."""
    found = _IMPORT.findall(modules()[path].decode())
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in found]


def modules_for(path: str) -> list[str]:
    """Return the module and all that it needs, those first that are found first from it."""
    needed = [path]
    for one in needed:
        needed += [other for other in imports_of(one) if other not in needed]
    return needed


@cache
def shared_modules() -> list[str]:
    """Return the modules that two or more components need and that stand on no page: most pages will ask for them."""
    components = [path for path, content in modules().items() if b"export default" in content]
    needed = Counter(module for path in components for module in modules_for(path))
    return [module for module, count in needed.items() if count > 1 and not module.startswith("pages/")]
