"""One test for many values that must be refused: it lists all those that are not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any


def refusals(
    error: type[Exception], call: Callable[[Any], object], values: Iterable[Any], words: str = ""
) -> list[str]:
    """The messages of the errors with which `call` answers the `values`, one after another.

    Args:
        error: The only kind of error that may be raised.
        call: What takes one value and must refuse it.
        values: What must be refused.
        words: A regular expression that must match somewhere in each message.

    Raises:
        AssertionError: Some value is taken, refused in other words or breaks something; it names them all.
    """
    messages, offenders = [], []
    for value in values:
        try:
            result = call(value)
        except error as refusal:
            messages.append(str(refusal))
            if not re.search(words, str(refusal)):
                offenders.append(f"{named(value)} is refused in other words: {refusal}")
        except Exception as broken:
            offenders.append(f"{named(value)} breaks it: {broken!r}")
        else:
            offenders.append(f"{named(value)} is taken: {named(result)}")
    assert not offenders, "\n".join(offenders)
    assert messages, "nothing was tried"
    return messages


def named(value: object) -> str:
    """A value in at most eighty characters."""
    try:
        text = repr(value)
    except ValueError:  # an integer of thousands of digits has no text
        text = f"an enormous {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."
