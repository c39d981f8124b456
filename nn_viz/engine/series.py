"""Runs that belong together, as those of an experiment: which of them step forward, which are kept when all is over.

The runs of a series are *patient*. Each has its record from the beginning, but only so many of one owner's are in the
server's line or on its places at once; the others are held back until one of those is over. So they neither use up what
one person may start by hand nor crowd out a class. Functions of records, called under the registry's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nn_viz.engine.record import Record
from nn_viz.engine.run import TooManyRuns

MAX_SERIES = 40
"""Runs of series that one owner may have planned or under way."""


def check_planned(records: Iterable[Record], owner: str, more: int) -> None:
    """Raise `TooManyRuns` where so many `more` runs of series are too many for this owner."""
    planned = sum(record.series is not None and record.active and record.owner == owner for record in records)
    if planned + more > MAX_SERIES:
        raise TooManyRuns(
            f"You have {planned} trainings of experiments under way, and {MAX_SERIES} may be planned at once. "
            "Stop the other experiment, or wait until it is over."
        )


def stepping_forward(records: Iterable[Record], most: int, room: int) -> list[Record]:
    """Return the held-back records whose turn it is, in the order in which they were planned.

    At most `most` of an owner's may be under way, and no more than `room` can step forward in all.
    """
    patient = [record for record in records if record.series is not None and record.active]
    under_way = Counter(record.owner for record in patient if not record.held_back and not record.stopping)
    chosen: list[Record] = []
    for record in patient:
        if record.held_back and len(chosen) < room and under_way[record.owner] < most:
            under_way[record.owner] += 1
            chosen.append(record)
    return chosen


def surplus(records: Iterable[Record], most: int, nbytes: int) -> list[Record]:
    """Return the records of the series that are to be dropped: whole series, beyond their number or bytes.

    Only of series that are over; those that nobody holds first, then those that ended first. The last one stays.
    """
    series: dict[str, list[Record]] = {}
    for record in records:
        if record.series is not None:
            series.setdefault(record.series, []).append(record)
    over = [runs for runs in series.values() if not any(run.active for run in runs)]
    over.sort(key=lambda runs: (any(run.holders for run in runs), max(run.ended_at or 0.0 for run in runs)))
    size = sum(run.nbytes for runs in over for run in runs)
    dropped: list[Record] = []
    while len(over) > 1 and (len(over) > most or size > nbytes):
        runs = over.pop(0)
        size -= sum(run.nbytes for run in runs)
        dropped += runs
    return dropped
