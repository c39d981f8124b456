"""`History`: the snapshots of a run, thinned to a budget of memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nn_viz.training.snapshot import Snapshot

# 500 snapshots of `25-15` with Adam's moments (127 kB each): in practice none of them is ever dropped. Of the
# largest network allowed (24 MB each) the first, the best and the last. Of all runs of a server there is a budget too.
DEFAULT_BUDGET = 64 * 2**20


@dataclass(frozen=True)
class History:
    """Snapshots in the order of their steps, at most `budget` bytes of arrays. Immutable: see `added`.

    Beyond the budget snapshots are thinned evenly, in the order in which they were taken and not by step:
    they are taken most densely where learning is fastest, and that stays so. The first, the last and the best
    are never dropped, nor the one at the step `pinned`, even if those alone exceed the budget.
    """

    budget: int = DEFAULT_BUDGET
    snapshots: tuple[Snapshot, ...] = ()
    _ordinals: tuple[int, ...] = ()  # the position of each snapshot among all that were ever added
    pinned: int | None = None

    def __len__(self) -> int:
        """Return how many snapshots are kept."""
        return len(self.snapshots)

    def __iter__(self) -> Iterator[Snapshot]:
        """Go through the kept snapshots by step."""
        return iter(self.snapshots)

    @property
    def nbytes(self) -> int:
        """Bytes of arrays kept, parameters and optimiser state."""
        return sum(snapshot.nbytes for snapshot in self.snapshots)

    @property
    def best(self) -> Snapshot | None:
        """The one with the highest test accuracy (the earliest of equals); None if there is no tested one.

        Among those tested on the most digits: a lucky thousand inside an epoch is no match for all ten thousand.
        """
        tested = [s for s in self.snapshots if s.test_accuracy is not None]
        return max(tested, key=lambda s: (s.tested, s.test_accuracy or 0.0), default=None)

    def at(self, step: int) -> Snapshot:
        """Return the kept snapshot nearest to a step, the earlier of two. Raises `LookupError` if empty."""
        if not self.snapshots:
            raise LookupError("There is no snapshot yet.")
        return min(self.snapshots, key=lambda s: (abs(s.step - step), s.step))

    def added(self, snapshot: Snapshot) -> History:
        """Return the history with one more snapshot, thinned to the budget.

        A snapshot of the last one's step takes its place. Raises `ValueError` for an earlier step.
        """
        if not self.snapshots:
            return replace(self, snapshots=(snapshot,), _ordinals=(0,))
        last = self.snapshots[-1]
        if snapshot.step < last.step:
            raise ValueError(f"Step {snapshot.step} cannot follow step {last.step}.")
        if snapshot.step == last.step:
            return replace(self, snapshots=(*self.snapshots[:-1], snapshot))._thinned()
        ordinals = (*self._ordinals, self._ordinals[-1] + 1)
        return replace(self, snapshots=(*self.snapshots, snapshot), _ordinals=ordinals)._thinned()

    def thinned(self, budget: int) -> History:
        """Return the history thinned to `budget` bytes, now only; itself where nothing is to be dropped, or can be."""
        thinner = replace(self, budget=budget)._thinned()
        return self if len(thinner) == len(self) else replace(thinner, budget=self.budget)

    def _thinned(self) -> History:
        snapshots, ordinals = list(self.snapshots), list(self._ordinals)
        best, size = self.best, self.nbytes
        while size > self.budget:
            # Drop the one that leaves the smallest gap, the oldest of equals.
            kept = (best, *(s for s in snapshots if s.step == self.pinned))
            inner = [i for i in range(1, len(snapshots) - 1) if not any(snapshots[i] is one for one in kept)]
            if not inner:
                break
            dropped = min(inner, key=lambda i: ordinals[i + 1] - ordinals[i - 1])
            size -= snapshots.pop(dropped).nbytes
            del ordinals[dropped]
        return replace(self, snapshots=tuple(snapshots), _ordinals=tuple(ordinals))
