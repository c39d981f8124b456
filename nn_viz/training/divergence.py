"""`Diverged`: the end of a training whose loss or weights are no longer finite, with an explanation for the learner."""

from __future__ import annotations

from nn_viz.training.config import OPTIMISERS, TrainingConfig

# A step of the L2 penalty multiplies each weight by 1 - rate·λ: at 2 and beyond it grows with every step
# (plain SGD).
UNSTABLE_DECAY = 2.0


class Diverged(Exception):  # noqa: N818  (the outcome of a training, not a defect)
    """The loss or the weights became infinite or undefined. `explanation` is for the learner.

    The snapshots taken before are all good: none is made of parameters that are not finite.
    """

    def __init__(self, explanation: str, step: int) -> None:
        """Take the sentence and the step (batches done) at which it was noticed."""
        super().__init__(explanation, step)  # both, so that it can be pickled
        self.explanation = explanation
        self.step = step

    def __str__(self) -> str:
        """Return the explanation."""
        return self.explanation


def diverged(config: TrainingConfig, step: int, what: str) -> Diverged:
    """Return the exception for `what` ("The loss became infinite"), with its likely cause and a remedy."""
    if config.initialisation == "too-large":  # no earlier snapshot is any better
        cause = "it started from weights that are far too large"
        return Diverged(f"{what} at step {step}: {cause}. Choose another start of the weights.", step)
    rate = config.learning_rate
    proposed = OPTIMISERS[config.optimiser].learning_rate
    if config.l2 * rate >= UNSTABLE_DECAY and config.optimiser != "adam":
        cause = f"the L2 penalty {config.l2:g} is too strong for the learning rate {rate:g}"
        remedy = f"Try an L2 penalty of {min(1e-4, config.l2 / 10):g}"
    elif rate > proposed:
        cause, remedy = f"the learning rate {rate:g} is too large", f"Try {proposed:g}"
    elif rate > 0:
        cause, remedy = f"the learning rate {rate:g} is too large for this network", f"Try {rate / 10:g}"
    else:
        cause, remedy = "it starts from weights that are far too large", "Start from step 0 again"
    return Diverged(f"{what} at step {step}: {cause}. {remedy}, or go back to an earlier snapshot.", step)
