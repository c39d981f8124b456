"""Experiment "from dense to convolution": a layer with all connections, with neighbours only, with shared weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nn_viz.data import Dataset
from nn_viz.experiments.base import Arm, Experiment, Panel, Pictures, Prediction, Step, Trial, Verdict
from nn_viz.experiments.measures import accuracy_bars, by_arm, difference, mean, percent, spread, too_early
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig

CONFIG = TrainingConfig(ledger=False, learning_rate=2e-3)
WINDOWS = 9


def _arm(key: str, title: str, notation: str, sentence: str) -> Arm:
    spec = NetworkSpec.parse(notation, 28)
    shape = spec.weight_shapes[0]
    assert shape is not None
    return Arm(key, f"{title}: {int(np.prod(shape)):,} weights", spec, CONFIG, sentence)


ARMS = (
    _arm("dense", "All connections", "676", "676 neurons, each with a weight for each of the 784 pixels."),
    _arm("local", "Only neighbours", "l3", "676 neurons in a square, each with 3 × 3 pixels and weights of its own."),
    _arm("shared", "One filter, shared", "c1k3", "The same 676 places, and one set of 9 weights for all of them."),
    _arm("filters", "Eight filters, shared", "c8k3", "Eight such sets: 676 places each."),
)


def _by_position(trials: Sequence[Trial], dataset: Dataset) -> Pictures | None:
    """For each of the nine positions in a window: that weight in all 676 windows, unshared and shared."""
    found = {trial.arm.key: trial for trial in trials}
    if "local" not in found or "shared" not in found:
        return None
    local = found["local"].snapshots[-1].parameters["0.weight"]
    shared = found["shared"].snapshots[-1].parameters["0.weight"]
    side = found["local"].arm.spec.shapes[0][1]
    own = local.reshape(side, side, WINDOWS).transpose(2, 0, 1)
    same = np.broadcast_to(shared.reshape(WINDOWS, 1, 1), own.shape)
    names = [f"row {row + 1}, column {column + 1}" for row in range(3) for column in range(3)]
    labels = [f"{how}, {name}" for how in ("own", "shared") for name in names]
    return Pictures(np.concatenate([own, same]), tuple(labels), noun="weight", group=WINDOWS)


def judge(trials: Sequence[Trial], dataset: Dataset) -> Verdict:
    """Compare the four by accuracy; what each restriction costs or brings."""
    early = too_early(trials, ARMS)
    if early is not None:
        return early
    arms = by_arm(trials)
    names = {"dense": "all connections", "local": "neighbours", "shared": "one filter", "filters": "eight filters"}
    means = {key: mean(arms[key]) for key in names}
    sentence = ", ".join(f"{name} {percent(means[key])}" for key, name in names.items())
    sentence = f"Read right{spread(trials)}: {sentence}. Weights of the layer: 529,984, 6,084, 9 and 72."
    bars = accuracy_bars(trials)
    best = max(means, key=lambda key: means[key])
    runner_up = max((key for key in means if key != best), key=lambda key: means[key])
    lead = difference(arms[best], arms[runner_up])
    if not lead.is_clear:
        headline = f"No clear winner between {names[best]} and {names[runner_up]}"
        return Verdict("close", headline, sentence, bars)
    return Verdict("dense" if best == "dense" else "fewer", f"Best: {names[best]}", sentence, bars)


RESTRICT = Experiment(
    key="restrict",
    title="From dense to convolution",
    question="Take a dense layer, cut all connections but those to neighbours, then let all share their weights. When "
    "does it suffer?",
    predictions=(
        Prediction("dense", "All connections are best: nothing was taken away."),
        Prediction("fewer", "One with far fewer weights is best."),
        Prediction("close", "The best two are too close to tell apart."),
    ),
    arms=ARMS,
    images=60_000,
    judge=judge,
    shows=(
        "Cutting all but neighbours says: what belongs together lies close together. Nobody showed the network that, a "
        "person decided it.",
        "Sharing says: what is worth finding here is worth finding everywhere. That takes 6,084 weights down to 9.",
        "So this is where a person does say where to look. In the dense layer nobody does: the data must show it.",
    ),
    try_next=(
        Step("Break the neighbourhood: shuffle the pixels.", (("experiment", "shuffled"),)),
        Step("Which size of window is best?", (("experiment", "kernels"),)),
        Step("Train the unshared layer yourself.", (("page", "train"), ("net", "l3"), ("size", "28"))),
    ),
    panels=(
        Panel(
            "Nine weights at 676 places",
            "Each picture is one of the nine places in the window, and each of its pixels a neuron. Unshared, every "
            "neuron has learnt its own; shared, all have the same, so the picture is one flat colour.",
            _by_position,
        ),
    ),
)
