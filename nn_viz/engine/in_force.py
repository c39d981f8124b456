"""What is in force from which step on, such as a learning rate: entries (from step, value), by step."""

from __future__ import annotations

from typing import TypeVar

Value = TypeVar("Value")


def with_value(entries: tuple[tuple[int, Value], ...], step: int, value: Value) -> tuple[tuple[int, Value], ...]:
    """Return the entries with this value from `step` on, whatever was in force from there on before."""
    before = tuple(entry for entry in entries if entry[0] < step)
    return before if before and before[-1][1] == value else (*before, (step, value))
