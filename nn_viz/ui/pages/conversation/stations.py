"""The conversation: its stations, read from one text file each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import parse_qsl

FOLDER = Path(__file__).parents[2] / "assets" / "conversation"
KEYS = ("title", "page", "link", "reveal")
_OPTION = re.compile(r"- ([a-z0-9-]+): (.+)")


@dataclass(frozen=True, slots=True)
class Station:
    """One station: its text, its `page` and settings (`link`), its question, and a `hint` where to look.

    `reveal` is the key in a page's `REVEALS` of the function that computes the answer from the learner's own run.
    `options` maps the key of each possible answer to its text, in the order in which they are offered. `is_veiled`: the
    page gives the answer away, and is hidden until the learner has answered.
    """

    title: str
    page: str
    link: dict[str, str]
    reveal: str
    text: tuple[str, ...]
    question: str
    options: Mapping[str, str]
    hint: str
    is_veiled: bool


@cache
def stations() -> tuple[Station, ...]:
    """All of them, in the order of their files' numbers. Raises ValueError for a file that cannot be understood."""
    files = sorted(FOLDER.glob("*.md"), key=lambda file: int(file.name.split("-")[0]))
    return tuple(read_station(file.read_text("utf-8"), file.name) for file in files)


def read_station(text: str, name: str) -> Station:
    """Read a station: `key: value` lines, paragraphs, `? question`, `- key: option` lines and `> where to look`.

    Raises ValueError, with the file's `name`, where anything is missing or two options have the same key.
    """
    head, _, body = text.partition("\n\n")
    values = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    lines = body.splitlines()
    question = [line[2:] for line in lines if line.startswith("? ")]
    hint = [line[2:] for line in lines if line.startswith("> ")]
    offered = [_OPTION.fullmatch(line) for line in lines if line.startswith("- ")]
    options = {option[1]: option[2] for option in offered if option is not None}
    paragraphs = tuple(line for line in lines if line and not line.startswith(("? ", "- ", "> ")))
    is_veiled = values.pop("veiled", "no") == "yes"
    if set(values) != set(KEYS) or len(question) != 1 or len(hint) != 1 or not paragraphs:
        raise ValueError(f"{name}: a station has {', '.join(KEYS)}, text, one question, its options, where to look")
    if len(options) < 2 or len(options) < len(offered):
        raise ValueError(
            f"{name}: a station has two or more options, each written “- key: words”, with keys of their own"
        )
    link = dict(parse_qsl(values["link"], strict_parsing=True))
    return Station(
        values["title"], values["page"], link, values["reveal"], paragraphs, question[0], options, hint[0], is_veiled
    )
