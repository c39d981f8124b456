"""Where digits come from: a catalogue of datasets with verified checksums, drawings, and pictures somebody uploads."""

from __future__ import annotations

from nn_viz.data.catalogue import CATALOGUE, DatasetEntry, SourceFile
from nn_viz.data.dataset import IMAGE_SIZE, Dataset, DatasetError
from nn_viz.data.downloading import DownloadCancelled, Progress, download
from nn_viz.data.drawing import Pad, digit_from_strokes, stages_from_strokes
from nn_viz.data.folders import cache_dir, data_root
from nn_viz.data.loading import default_dataset, is_present, load_dataset, problems
from nn_viz.data.photo import PictureError, grey_from_bytes
from nn_viz.data.picture import digit_from_picture, stages_from_picture
from nn_viz.data.preprocessing import PreprocessingStages, PreprocessingSteps
from nn_viz.data.strokes import DrawingError
from nn_viz.data.torchvision_import import import_torchvision

__all__ = [
    "CATALOGUE",
    "IMAGE_SIZE",
    "Dataset",
    "DatasetEntry",
    "DatasetError",
    "DownloadCancelled",
    "DrawingError",
    "Pad",
    "PictureError",
    "PreprocessingStages",
    "PreprocessingSteps",
    "Progress",
    "SourceFile",
    "cache_dir",
    "data_root",
    "default_dataset",
    "digit_from_picture",
    "digit_from_strokes",
    "download",
    "grey_from_bytes",
    "import_torchvision",
    "is_present",
    "load_dataset",
    "problems",
    "stages_from_picture",
    "stages_from_strokes",
]
