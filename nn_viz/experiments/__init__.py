"""Controlled experiments: networks to train, and a function that computes the verdict from their snapshots."""

from nn_viz.experiments.base import (
    MAX_SEEDS,
    Arm,
    Bar,
    Curve,
    Experiment,
    Panel,
    Pictures,
    Prediction,
    Step,
    Trial,
    Verdict,
    plan,
)
from nn_viz.experiments.table import EXPERIMENTS, experiment

__all__ = [
    "EXPERIMENTS",
    "MAX_SEEDS",
    "Arm",
    "Bar",
    "Curve",
    "Experiment",
    "Panel",
    "Pictures",
    "Prediction",
    "Step",
    "Trial",
    "Verdict",
    "experiment",
    "plan",
]
