"""nn_viz: watch what neurons learn.

The same words serve the web app and a notebook:

>>> import nn_viz
>>> spec = nn_viz.NetworkSpec.parse("25-15", input_size=20)
>>> data = nn_viz.load_dataset("mnist-5k")
>>> for snapshot in nn_viz.train(spec, data, nn_viz.TrainingConfig(epochs=3, seed=0)):
...     print(snapshot.epoch, snapshot.test_accuracy)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nn_viz.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from nn_viz.data import Dataset, DatasetError, DrawingError, digit_from_strokes, load_dataset
    from nn_viz.insight import activations, first_layer, predict
    from nn_viz.network import Conv, Dense, Local, NetworkSpec, Pool, SpecError
    from nn_viz.training import ConfigError, Diverged, Lesson, Snapshot, Trainer, TrainingConfig, train
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "nn_viz.data": ("Dataset", "DatasetError", "DrawingError", "digit_from_strokes", "load_dataset"),
            "nn_viz.insight": ("activations", "first_layer", "predict"),
            "nn_viz.network": ("Conv", "Dense", "Local", "NetworkSpec", "Pool", "SpecError"),
            "nn_viz.training": ("ConfigError", "Diverged", "Lesson", "Snapshot", "Trainer", "TrainingConfig", "train"),
        },
    )

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
