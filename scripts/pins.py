"""Prints constraints.txt: the installed versions of everything that no requirements file pins itself."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
# What torch's Linux build pins exactly itself (no other build has it), and what comes with the venv.
LEFT_OUT = re.compile(r"^(nvidia-.*|cuda-.*|triton|pip|setuptools|nn-viz)$")


def canonical(name: str) -> str:
    """Return the name in PyPI's normal form (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main() -> None:
    """Print the comment at the head of the present file, then one pin for each line."""
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if not line.startswith("#"):
            break
        print(line)
    direct = {
        canonical(line.split("==")[0])
        for file in ("requirements.txt", "requirements-dev.txt", "requirements-lint.txt")
        for line in (ROOT / file).read_text().splitlines()
        if "==" in line and not line.startswith("#")
    }
    installed = {canonical(found.name): found for found in metadata.distributions()}
    for name in sorted(installed):
        if name not in direct and not LEFT_OUT.match(name):
            print(f"{installed[name].name}=={installed[name].version}")


if __name__ == "__main__":
    main()
