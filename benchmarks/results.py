"""Writing a benchmark's section into RESULTS.md, with the machine that it was measured on, or only showing it."""

from __future__ import annotations

import argparse
import os
import platform
import re
from datetime import date
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "RESULTS.md"


def processor() -> str:
    """Return the processor's name."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1) if found else platform.processor() or platform.machine()


def circumstances(command: str) -> str:
    """Return command, date and machine, the beginning of a section."""
    software = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"`{command}`, {date.today()}: {processor()}, {os.cpu_count()} cores, {software}"


def asked_dry(description: str | None, meaning: str) -> bool:
    """Read a command line that knows `--dry` alone; its help is the first line of the module's docstring."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--dry", action="store_true", help=meaning)
    return bool(parser.parse_args().dry)


def publish(name: str, text: str, *, dry: bool = False) -> None:
    """Print a section, and write it unless `dry`."""
    print(text)
    if not dry:
        write_section(name, text)


def write_section(name: str, text: str) -> None:
    """Replace the section of this name in RESULTS.md, or append it; the rest of the file is unchanged."""
    start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
    block = f"{start}\n{text.strip()}\n{end}"
    old = RESULTS.read_text("utf-8") if RESULTS.exists() else "# Measured\n"
    before, found, rest = old.partition(start)
    new = before + block + rest.partition(end)[2] if found else f"{old.rstrip()}\n\n{block}\n"
    RESULTS.write_text(new, "utf-8")
