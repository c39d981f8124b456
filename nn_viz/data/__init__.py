"""Where digits come from: a catalogue of datasets, loaded with verified checksums and cached as arrays."""

from __future__ import annotations

from nn_viz.data.catalogue import CATALOGUE, DatasetEntry, SourceFile
from nn_viz.data.dataset import IMAGE_SIZE, Dataset, DatasetError
from nn_viz.data.downloading import DownloadCancelled, Progress, download
from nn_viz.data.loading import default_dataset, is_present, load_dataset, problems
from nn_viz.data.places import cache_dir, data_root
from nn_viz.data.torchvision_import import import_torchvision

__all__ = [
    "CATALOGUE",
    "IMAGE_SIZE",
    "Dataset",
    "DatasetEntry",
    "DatasetError",
    "DownloadCancelled",
    "Progress",
    "SourceFile",
    "cache_dir",
    "data_root",
    "default_dataset",
    "download",
    "import_torchvision",
    "is_present",
    "load_dataset",
    "problems",
]
