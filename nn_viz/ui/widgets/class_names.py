"""The names of classes in sentences: they are digits, or words such as "Ankle boot"."""

from __future__ import annotations


def one_of(name: str) -> str:
    """Return a class's name with its article: "a 7", "an 8", "an Ankle boot"."""
    return f"an {name}" if name[0].lower() in "8aeiou" else f"a {name}"


def all_of(name: str) -> str:
    """Return a class's pictures as a plural noun: "the 7s", "the pictures of “Bag”"."""
    return f"the {name}s" if len(name) == 1 else f"the pictures of “{name}”"
