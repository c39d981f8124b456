"""Retention: in which order runs that are over are dropped. Those that nobody holds come first, then the oldest.

A series is dropped as a whole, and only when all of it is over. Functions of states, called under the registry's lock.
"""

from __future__ import annotations

from collections.abc import Iterable

from nn_viz.engine.run_state import RunState

PROTECTED_PER_OWNER = 3
"""The runs or series of an owner, those held last, that are not dropped: a tab shows one, compares it with a second,
and can bring back a third. Where memory is short only the first is protected."""

Group = tuple[RunState, ...]
"""A run by itself, or the runs of one series."""


def surplus(states: Iterable[RunState], max_runs: int, max_series: int) -> list[RunState]:
    """Return the runs that are over and beyond these numbers; those that nobody holds first, then the oldest."""
    over = _by_worth(_over(_groups(states)))
    dropped: list[RunState] = []
    for is_series, most in ((False, max_runs), (True, max_series)):
        kind = [group for group in over if (group[0].request.series is not None) == is_series]
        dropped += [state for group in kind[: max(0, len(kind) - most)] for state in group]
    return dropped


def expendable(states: Iterable[RunState], protected: int = PROTECTED_PER_OWNER) -> list[Group]:
    """Return what is over and not among the last `protected` of an owner; what nobody holds first, then the oldest."""
    groups = _groups(states)
    watched = _protected_groups(groups, protected)
    return [group for group in _by_worth(_over(groups)) if group not in watched]


def _groups(states: Iterable[RunState]) -> list[Group]:
    found: dict[str, list[RunState]] = {}
    for state in states:
        found.setdefault(state.request.series or state.id, []).append(state)
    return [tuple(group) for group in found.values()]


def _over(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if not any(state.is_active for state in group)]


def _by_worth(groups: Iterable[Group]) -> list[Group]:
    """Sort, what can best be spared first."""
    return sorted(
        groups,
        key=lambda group: (any(state.holders for state in group), max(state.ended_at or 0.0 for state in group)),
    )


def _protected_groups(groups: Iterable[Group], most: int) -> set[Group]:
    last_held: dict[str, list[tuple[int, Group]]] = {}
    for group in groups:
        for owner in {owner for state in group for owner in state.holders}:
            when = max(state.holders.get(owner, 0) for state in group)
            last_held.setdefault(owner, []).append((when, group))
    return {
        group for held in last_held.values() for _, group in sorted(held, key=lambda pair: pair[0], reverse=True)[:most]
    }
