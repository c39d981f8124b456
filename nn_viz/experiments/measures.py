"""Statistics that verdicts share: accuracies with their uncertainty, and texts for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from nn_viz.experiments.base import Arm, Bar, Trial, Verdict
from nn_viz.network import CLASSES
from nn_viz.training import Snapshot

CHANCE = 1 / CLASSES
SIGMAS = 2.0
"""How many standard errors two figures must lie apart to count as different: nineteen times in twenty."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The difference of two figures, and the margin that it must exceed to be significant."""

    value: float
    margin: float

    @property
    def is_clear(self) -> bool:
        """Whether it is significant."""
        return abs(self.value) > self.margin


def tested(trial: Trial) -> Snapshot:
    """Return the newest snapshot that was tested."""
    return next((s for s in reversed(trial.snapshots) if s.test_accuracy is not None), trial.snapshots[-1])


def accuracy(trial: Trial) -> float:
    """Return the newest test accuracy, 0 to 1."""
    return tested(trial).test_accuracy or 0.0


def by_arm(trials: Sequence[Trial]) -> dict[str, list[Trial]]:
    """Return the trials of each arm, seed by seed."""
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(trial.arm.key, []).append(trial)
    return found


def mean(trials: Sequence[Trial]) -> float:
    """Return the mean of their newest test accuracies."""
    return fmean(map(accuracy, trials))


def difference(first: Sequence[Trial], second: Sequence[Trial]) -> Difference:
    """Return how far the mean test accuracy of the first lies above that of the second.

    The margin is two standard errors: of an accuracy measured on so many digits, and of the mean over so many seeds.
    """
    return Difference(mean(first) - mean(second), SIGMAS * sqrt(_error(first) + _error(second)))


def _error(trials: Sequence[Trial]) -> float:
    """Return the squared standard error of the mean accuracy of trials that share their test digits."""
    share = mean(trials)
    digits = max(1, tested(trials[0]).tested)
    seeds = variance(map(accuracy, trials)) / len(trials) if len(trials) > 1 else 0.0
    return share * (1 - share) / digits + seeds


def accuracy_bars(trials: Sequence[Trial]) -> tuple[Bar, ...]:
    """Return a bar for each arm: test accuracy for each seed."""
    return tuple(
        Bar(own[0].arm.title, tuple(map(accuracy, own)), chance=CHANCE) for own in by_arm(trials).values() if own
    )


def too_early(trials: Sequence[Trial], arms: Sequence[Arm]) -> Verdict | None:
    """Return the verdict where an arm has not begun to train; None where all have."""
    begun = {trial.arm.key for trial in trials if tested(trial).step > 0 or trial.finished}
    missing = [arm.title for arm in arms if arm.key not in begun]
    if not missing:
        return None
    return Verdict(None, "Too early to tell", f"{', '.join(missing)}: nothing learnt so far.")


def percent(share: float) -> str:
    """0.9471 -> "94.7 %"."""
    return f"{share:.1%}".replace("%", " %")


def points(share: float) -> str:
    """0.012 -> "+1.2 points"."""
    return f"{100 * share:+.1f} points".replace("-", "\N{MINUS SIGN}")


def more(share: float) -> str:
    """0.012 -> "1.2 points more", -0.012 -> "1.2 points less"."""
    return f"{100 * abs(share):.1f} points {'less' if share < 0 else 'more'}"


def cost(share: float) -> str:
    """0.012 -> "1.2 points", -0.012 -> "−1.2 points": then nothing was lost."""
    return points(share).removeprefix("+")


def listed(names: Iterable[str]) -> str:
    """["a", "b", "c"] -> "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def spread(trials: Sequence[Trial]) -> str:
    """Return how many seeds stand behind a figure, in words; nothing for one."""
    seeds = max(len(own) for own in by_arm(trials).values())
    return f" (means of {seeds} seeds)" if seeds > 1 else ""
