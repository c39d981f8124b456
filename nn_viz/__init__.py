"""nn_viz: watch what neurons learn.

The same words serve the web app and a notebook:

>>> import nn_viz
>>> spec = nn_viz.NetworkSpec.parse("25-15", input_size=20)
>>> data = nn_viz.load_dataset("mnist-5k")
>>> for snapshot in nn_viz.train(spec, data, nn_viz.TrainingConfig(epochs=3, seed=0)):
...     print(snapshot.epoch, snapshot.test_accuracy)
"""

from __future__ import annotations

from nn_viz.data import Dataset, DatasetError, DrawingError, digit_from_strokes, load_dataset
from nn_viz.insight import activations, first_layer, predict
from nn_viz.network import Conv, Dense, Local, NetworkSpec, Pool, SpecError
from nn_viz.training import ConfigError, Diverged, Lesson, Snapshot, Trainer, TrainingConfig, train

__version__ = "0.1.0"

__all__ = [
    "ConfigError",
    "Conv",
    "Dataset",
    "DatasetError",
    "Dense",
    "Diverged",
    "DrawingError",
    "Lesson",
    "Local",
    "NetworkSpec",
    "Pool",
    "Snapshot",
    "SpecError",
    "Trainer",
    "TrainingConfig",
    "activations",
    "digit_from_strokes",
    "first_layer",
    "load_dataset",
    "predict",
    "train",
]
