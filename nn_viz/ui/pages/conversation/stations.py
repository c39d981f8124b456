"""The conversation: its stations, read from one text file each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

FOLDER = Path(__file__).parents[2] / "assets" / "conversation"
KEYS = ("title", "page", "link", "reveal")


@dataclass(frozen=True, slots=True)
class Station:
    """One stop: what is told, on which `page` and with which settings (`link`), what is asked, where to `look`.

    `reveal` names the row of `reveals.REVEALS` that works out the answer from the learner's own run. `is_veiled`: the
    page gives the answer away, and shows it only when the learner has said something.
    """

    title: str
    page: str
    link: dict[str, str]
    reveal: str
    text: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    look: str
    is_veiled: bool


@cache
def stations() -> tuple[Station, ...]:
    """All of them, in the order of their files' numbers. Raises ValueError for a file that cannot be understood."""
    files = sorted(FOLDER.glob("*.md"), key=lambda file: int(file.name.split("-")[0]))
    return tuple(read_station(file.read_text("utf-8"), file.name) for file in files)


def read_station(text: str, name: str) -> Station:
    """Read a station: `key: value` lines, then paragraphs, `? question`, `- option` lines and `> where to look`.

    Raises ValueError, with the file's `name`, where anything is missing.
    """
    head, _, body = text.partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    lines = body.splitlines()
    question = [line[2:] for line in lines if line.startswith("? ")]
    look = [line[2:] for line in lines if line.startswith("> ")]
    options = tuple(line[2:] for line in lines if line.startswith("- "))
    told = tuple(line for line in lines if line and not line.startswith(("? ", "- ", "> ")))
    is_veiled = values.pop("veiled", "no") == "yes"
    if set(values) != set(KEYS) or len(question) != 1 or len(look) != 1 or len(options) < 2 or not told:
        raise ValueError(f"{name}: a station has {', '.join(KEYS)}, text, one question, its options, where to look")
    link = dict(parse_qsl(values["link"], strict_parsing=True))
    return Station(
        values["title"], values["page"], link, values["reveal"], told, question[0], options, look[0], is_veiled
    )
