"""Where the benchmarks write what they measured, and how they name the machine."""

from __future__ import annotations

import os
import platform
import re
from datetime import date
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "RESULTS.md"


def processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def circumstances(command: str) -> str:
    """Command, day and machine, as the first words of a section."""
    software = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"`{command}`, {date.today()}: {processor()}, {os.cpu_count()} cores, {software}"


def write_section(name: str, text: str) -> None:
    """Put a section into RESULTS.md in the place of the one before of this name, or at the end; all else is kept."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    block = f"{start}\n{text.strip()}\n{end}"
    old = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Measured\n"
    before, found, rest = old.partition(start)
    new = before + block + rest.partition(end)[2] if found else f"{old.rstrip()}\n\n{block}\n"
    RESULTS.write_text(new, "utf-8")
