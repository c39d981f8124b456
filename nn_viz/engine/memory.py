"""The memory budget of all snapshots: counts their bytes, and drops some of them where they exceed it.

All snapshots of a server have one budget (`EngineSettings.runs_megabytes`). When they exceed it, runs are dropped that
have ended and that nobody looks at, then histories are thinned, the largest first, then checkpoints are dropped. The
last snapshots of a run that somebody looks at are never dropped, so a run may only start where those of all runs fit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from nn_viz.engine.run import TooManyRuns
from nn_viz.engine.run_state import RunState
from nn_viz.network import NetworkSpec
from nn_viz.training import History, Snapshot, TrainingConfig, snapshot_bytes

LEAST_SNAPSHOTS = 3
"""Of each run: the first, the best and the last are never thinned out."""
TARGET = 0.9
"""Thinning goes on to this share of the budget, so that the next snapshot does not make it begin again."""
LEVEL_STEP = 0.75
"""How much shorter the largest histories get at a time."""


class SnapshotMemory:
    """Counts the bytes of all snapshots that runs have; one that several runs share counts once."""

    def __init__(self) -> None:
        self.nbytes = 0
        self.freed_bytes = 0
        """Since `freed_bytes` was last set to 0."""
        self._counts: Counter[int] = Counter()
        self._counted: dict[str, _Counted] = {}

    def update(self, states: Mapping[str, RunState]) -> None:
        """Update the counts for these runs by id; those that have not changed since the last call cost a comparison."""
        for run_id in self._counted.keys() - states.keys():
            self._replace(self._counted.pop(run_id).snapshots, {})
        for run_id, state in states.items():
            known = self._counted.get(run_id, _NOTHING)
            parts = (state.history, state.progress.live, state.progress.checkpoint)
            if any(one is not other for one, other in zip(known.parts, parts, strict=True)):
                found = (*state.history.snapshots, state.progress.live, state.progress.checkpoint)
                snapshots = {id(snapshot): snapshot for snapshot in found if snapshot is not None}
                self._replace(known.snapshots, snapshots)
                self._counted[run_id] = _Counted(parts, snapshots)

    def _replace(self, before: Mapping[int, Snapshot], after: Mapping[int, Snapshot]) -> None:
        for key in after.keys() - before.keys():
            self._counts[key] += 1
            if self._counts[key] == 1:
                self.nbytes += after[key].nbytes
        for key in before.keys() - after.keys():
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
                self.nbytes -= before[key].nbytes
                self.freed_bytes += before[key].nbytes


@dataclass(frozen=True, slots=True)
class _Counted:
    """The snapshots counted of a run. They are referenced, so that none of their ids can be used by another object."""

    parts: tuple[History | None, Snapshot | None, Snapshot | None]
    snapshots: Mapping[int, Snapshot]


_NOTHING = _Counted((None, None, None), {})


def least_bytes(spec: NetworkSpec, config: TrainingConfig) -> int:
    """Return the bytes that a run takes at least once it trains: its snapshots that stay, and the live one."""
    return LEAST_SNAPSHOTS * snapshot_bytes(spec, config) + 4 * spec.parameter_count


def reserved_bytes(states: Iterable[RunState]) -> int:
    """Return the bytes that these runs will have at least, whatever is thinned."""
    reserved = 0
    for state in states:
        least = least_bytes(state.request.spec, state.desired.config)
        reserved += least if state.is_active else min(least, state.history.nbytes)
    return reserved


def check_memory(reserved: int, spec: NetworkSpec, config: TrainingConfig, budget: int) -> None:
    """Raise `TooManyRuns` where one more run of this network would not fit into the budget (bytes)."""
    needed = least_bytes(spec, config)
    if reserved + needed > budget:
        raise TooManyRuns(
            f"The server has no memory left for one more network of this size (it takes about {needed / 1e6:,.0f} MB). "
            "Choose a smaller network, or close pages that you do not need any more and try again in a minute."
        )


def thin_histories(states: Iterable[RunState], update: Callable[[], int], budget: int) -> None:
    """Thin the largest histories until `update`, which counts all bytes, is within the budget, as far as that goes."""
    if update() <= budget:
        return
    thinnable = [state for state in states if len(state.history) > LEAST_SNAPSHOTS]
    level = max((state.history.nbytes for state in thinnable), default=0)
    while thinnable and update() > TARGET * budget:
        level = int(level * LEVEL_STEP)
        for state in tuple(thinnable):
            if state.history.nbytes > level:
                thinned = state.history.thinned(level)
                if thinned is state.history:
                    thinnable.remove(state)
                else:
                    state.replace_history(thinned)


def drop_checkpoints(states: Iterable[RunState], update: Callable[[], int], budget: int) -> None:
    """Drop checkpoints, the largest first, until all bytes are within the budget: it costs only time to train again."""
    sizes = [(state.progress.checkpoint.nbytes, state) for state in states if state.progress.checkpoint is not None]
    for _, state in sorted(sizes, key=lambda pair: pair[0], reverse=True):
        if update() <= budget:
            return
        state.drop_checkpoint()
