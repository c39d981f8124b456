"""Breaking things: tiny datasets in MNIST's own format, whose files are cut, altered, lost and cached."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import logging
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_viz.data import (
    CATALOGUE,
    Dataset,
    DatasetEntry,
    DatasetError,
    SourceFile,
    is_present,
    load_dataset,
    problems,
)
from nn_viz.data.parsing import parse_idx

TRAIN, TEST = 40, 10


def idx(array: NDArray[np.uint8]) -> bytes:
    """MNIST's format: 8 (unsigned bytes) and the number of axes, their lengths, the values; gzipped."""
    header = struct.pack(f">I{array.ndim}I", 0x800 + array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


class Tiny:
    """MNIST with fifty noisy pictures: `contents` as published, and a catalogue that names them."""

    def __init__(self) -> None:
        noise = np.random.default_rng(0)
        self.arrays = [
            noise.integers(0, 256, (TRAIN, 28, 28)).astype(np.uint8),
            (np.arange(TRAIN) % 10).astype(np.uint8),
            noise.integers(0, 256, (TEST, 28, 28)).astype(np.uint8),
            np.arange(TEST).astype(np.uint8),
        ]
        names = [file.name for file in CATALOGUE["mnist"].files]
        self.contents = dict(zip(names, map(idx, self.arrays), strict=True))

    def catalogue(self, *mirrors: str) -> dict[str, DatasetEntry]:
        files = tuple(
            SourceFile(name, hashlib.md5(content).hexdigest(), len(content)) for name, content in self.contents.items()
        )
        row = dataclasses.replace(CATALOGUE["mnist"], files=files, mirrors=mirrors, train_size=TRAIN, test_size=TEST)
        return {"mnist": row}

    def put(self, root: Path) -> Path:
        """Lays the files out under a torchvision folder."""
        raw = root / "MNIST" / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        for name, content in self.contents.items():
            (raw / name).write_bytes(content)
        return raw

    def is_in(self, data: Dataset) -> bool:
        loaded: list[NDArray[Any]] = [
            data.train_images,
            data.train_labels,
            data.test_images,
            data.test_labels,
        ]
        return all(np.array_equal(ours, theirs) for ours, theirs in zip(self.arrays, loaded, strict=True))


@pytest.fixture(scope="module")
def tiny() -> Tiny:
    return Tiny()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """NN_VIZ_DATA, empty."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("NN_VIZ_DATA", str(folder))
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """NN_VIZ_CACHE, not there yet; and no NN_VIZ_DATA unless a test asks for it."""
    monkeypatch.delenv("NN_VIZ_DATA", raising=False)
    monkeypatch.setenv("NN_VIZ_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def delete(path: Path) -> None:
    path.unlink()


def replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BREAKAGES = [cut, flip, empty, delete, replace_by_a_folder]

# ---------------------------------------------------------------- the published files


@settings(deadline=None)  # the first example imports torchvision
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_what_is_written_in_mnists_format_is_read_back(train: int, test: int, seed: int) -> None:
    noise = np.random.default_rng(seed)
    arrays = [noise.integers(0, 256, shape).astype(np.uint8) for n in (train, test) for shape in ((n, 28, 28), (n,))]
    parsed: list[NDArray[Any]] = list(parse_idx([idx(array) for array in arrays]))
    for ours, theirs in zip(arrays, parsed, strict=True):
        assert np.array_equal(ours, theirs)


def test_a_sound_folder_loads_and_is_not_written(tiny: Tiny, root: Path) -> None:
    raw = tiny.put(root)
    before = {path: path.read_bytes() for path in raw.iterdir()}
    assert tiny.is_in(load_dataset("mnist", tiny.catalogue()))
    assert {path: path.read_bytes() for path in raw.iterdir()} == before
    assert [path.name for path in root.rglob("*") if path.is_dir()] == ["MNIST", "raw"]


@pytest.mark.parametrize("name", [file.name for file in CATALOGUE["mnist"].files])
@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_broken_file_is_named_and_never_used(
    tiny: Tiny, root: Path, breakage: Callable[[Path], None], name: str
) -> None:
    path = tiny.put(root) / name
    breakage(path)
    catalogue = tiny.catalogue()
    assert not is_present("mnist", catalogue)
    (problem,) = problems(catalogue)
    assert str(path) in problem
    with pytest.raises(DatasetError) as caught:
        load_dataset("mnist", catalogue)
    assert str(path) in str(caught.value)


def test_a_file_broken_after_a_look_is_noticed_at_once(tiny: Tiny, root: Path) -> None:
    path = tiny.put(root) / "t10k-labels-idx1-ubyte.gz"
    assert is_present("mnist", tiny.catalogue())
    flip(path)
    assert not is_present("mnist", tiny.catalogue())


def test_the_users_cache_steps_in_for_a_broken_data_folder(tiny: Tiny, root: Path, cache: Path) -> None:
    flip(tiny.put(root) / "train-images-idx3-ubyte.gz")
    tiny.put(cache)
    assert tiny.is_in(load_dataset("mnist", tiny.catalogue()))
    assert len(problems(tiny.catalogue())) == 1  # and the page can still say what is wrong


def test_absent_data_are_no_problem_but_say_how_to_get_them(tiny: Tiny, root: Path) -> None:
    assert problems(tiny.catalogue()) == []
    with pytest.raises(DatasetError, match=r"not on this computer yet.*Download it.*NN_VIZ_DATA"):
        load_dataset("mnist", tiny.catalogue())


def test_a_data_folder_that_does_not_exist_is_a_problem(
    tiny: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NN_VIZ_DATA", str(tmp_path / "nowhere"))
    assert problems(tiny.catalogue()) == [
        f"NN_VIZ_DATA points to {tmp_path / 'nowhere'}, which is not a folder. Correct it or leave it unset."
    ]


def test_a_missing_package_is_a_problem() -> None:
    row = dataclasses.replace(CATALOGUE["mnist-5k"], package="no_such_package_anywhere")
    assert not is_present("mnist-5k", {"mnist-5k": row})
    with pytest.raises(DatasetError, match=r"no_such_package_anywhere.*not installed.*pip install"):
        load_dataset("mnist-5k", {"mnist-5k": row})


# ---------------------------------------------------------------- the array cache


def cached(cache: Path, pattern: str) -> Path:
    (path,) = cache.glob(f"arrays/*/{pattern}")
    return path


def test_the_second_time_needs_no_published_files(tiny: Tiny, root: Path) -> None:
    raw = tiny.put(root)
    load_dataset("mnist", tiny.catalogue())
    for path in raw.iterdir():
        path.unlink()
    data = load_dataset("mnist", tiny.catalogue())
    assert tiny.is_in(data)
    assert isinstance(data.train_images.base, np.memmap)


@pytest.mark.parametrize("name", ["train_images.npy", "test_labels.npy", "checksums.json"])
@pytest.mark.parametrize("breakage", [cut, flip, empty, delete])
def test_a_broken_cache_file_is_rebuilt(
    tiny: Tiny, root: Path, cache: Path, breakage: Callable[[Path], None], name: str
) -> None:
    tiny.put(root)
    load_dataset("mnist", tiny.catalogue())
    path = cached(cache, name)
    sound = path.read_bytes()
    breakage(path)
    assert tiny.is_in(load_dataset("mnist", tiny.catalogue()))
    assert path.read_bytes() == sound


@pytest.mark.parametrize("nonsense", [[], None, 3, {"train_images": 1}])
def test_nonsense_in_the_list_of_checksums_is_rebuilt(tiny: Tiny, root: Path, cache: Path, nonsense: object) -> None:
    tiny.put(root)
    load_dataset("mnist", tiny.catalogue())
    cached(cache, "checksums.json").write_text(json.dumps(nonsense))
    assert tiny.is_in(load_dataset("mnist", tiny.catalogue()))


def test_other_files_get_another_cache(tiny: Tiny, root: Path) -> None:
    tiny.put(root)
    load_dataset("mnist", tiny.catalogue())
    other = Tiny()
    other.arrays[1] = other.arrays[1][::-1].copy()
    other.contents["train-labels-idx1-ubyte.gz"] = idx(other.arrays[1])
    other.put(root)
    assert other.is_in(load_dataset("mnist", other.catalogue()))


def test_a_cache_that_cannot_be_written_costs_time_only(
    tiny: Tiny, root: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.write_text("a file stands where the folder should be")
    tiny.put(root)
    with caplog.at_level(logging.WARNING):
        first, second = (load_dataset("mnist", tiny.catalogue()) for _ in range(2))
    assert tiny.is_in(first)
    assert second.train_images.base is first.train_images.base  # parsed once in this process
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    with pytest.raises(ValueError, match="read-only"):
        first.train_images[0] = 0


CHILD = """
import hashlib, sys
from pathlib import Path
from nn_viz.data import load_dataset
from nn_viz.data.loading import CATALOGUE, _array_folder
{setup}
print("ready", flush=True)
sys.stdin.readline()
for turn in range({turns}):
    data = load_dataset("mnist-5k")
    digest = hashlib.md5()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        digest.update(array.tobytes())
    print(digest.hexdigest(), flush=True)
    if turn % 2 == {remove_on}:
        for path in sorted(_array_folder(CATALOGUE["mnist-5k"]).glob("*"))[turn % 5 :]:
            path.unlink(missing_ok=True)
"""


def start(setup: str = "", turns: int = 1, remove_on: int = 2) -> subprocess.Popen[str]:
    script = CHILD.format(setup=setup, turns=turns, remove_on=remove_on)
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_processes_that_start_at_once_build_one_sound_cache(cache: Path) -> None:
    # Each loads six times; two of the four keep removing files, so that all of them build again and again.
    children = [start(turns=6, remove_on=turn) for turn in (0, 1, 2, 2)]
    assert [child.stdout.readline() for child in children if child.stdout] == ["ready\n"] * 4
    results = []
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    for child in children:
        out, err = child.communicate(timeout=60)
        assert child.returncode == 0, err
        results += out.split()
    assert len(results) == 24
    assert len(set(results)) == 1
    load_dataset("mnist-5k")
    assert sorted(path.name for path in cached(cache, "checksums.json").parent.iterdir()) == [
        "checksums.json", "test_images.npy", "test_labels.npy", "train_images.npy", "train_labels.npy"
    ]  # fmt: skip
    assert list((cache / "unfinished").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_disk_that_fills_up_in_the_middle_costs_time_only(cache: Path) -> None:
    # No file of this process may grow beyond 1 MB, and the training images take 3.
    child = start("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))", turns=2)
    out, err = child.communicate("go\n", timeout=60)
    assert child.returncode == 0, err
    _, first, second = out.split()
    assert first == second
    assert err.count("cannot be cached") == 1
    assert list(cache.rglob("*.npy")) == []


def test_what_killed_processes_left_behind_is_removed_after_a_day(tiny: Tiny, root: Path, cache: Path) -> None:
    old, new = cache / "unfinished" / "old", cache / "unfinished" / "new"
    for folder in (old, new):
        folder.mkdir(parents=True)
        (folder / "half.npy").write_bytes(b"half")
    os.utime(old, (0, 0))
    tiny.put(root)
    load_dataset("mnist", tiny.catalogue())
    assert not old.exists()
    assert new.exists()


# ---------------------------------------------------------------- where the cache lies


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"NN_VIZ_CACHE": "/a/cache", "XDG_CACHE_HOME": "/x"}, "/a/cache"),
        ({"XDG_CACHE_HOME": "/x"}, "/x/nn_viz"),
        pytest.param(
            {"XDG_CACHE_HOME": "relative", "HOME": "/home/ada"},
            "/home/ada/.cache/nn_viz",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux's folder"),
        ),
    ],
)
def test_the_cache_lies_where_the_environment_says(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nn_viz.data import cache_dir

    monkeypatch.delenv("NN_VIZ_CACHE")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_dir() == Path(expected)
