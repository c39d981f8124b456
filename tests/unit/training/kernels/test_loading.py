"""Where compiled code is kept, who may write it, and what happens without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from nn_viz.engine.kernel_compilation import KernelCompilation
from nn_viz.training import kernels
from nn_viz.training.kernels import loading

SHORT_TRAINING = """
import nn_viz
from nn_viz.training import Trainer
data = nn_viz.load_dataset("mnist-5k")
trainer = Trainer(nn_viz.NetworkSpec.parse("5", 20), data, nn_viz.TrainingConfig(device="cpu"))
trainer.advance()
print(trainer.backend)
"""
HITS = """
from nn_viz.training.kernels import steps
print(sum(steps.run.stats.cache_hits.values()), sum(steps.run.stats.cache_misses.values()))
"""


@pytest.fixture
def fresh(monkeypatch):
    """Let the folder be looked for anew."""
    loading.kernel_folder.cache_clear()
    yield monkeypatch
    loading.kernel_folder.cache_clear()


def run(script: str, **environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
    )
    return done.stdout.split()


def test_code_that_was_compiled_in_advance_is_used_and_nothing_is_compiled(tmp_path: Path) -> None:
    assert kernels.load()
    folder = kernels.kernel_folder()
    assert folder is not None
    shutil.copytree(folder, tmp_path / "image" / folder.name)
    environment = {"NN_VIZ_CACHE": str(tmp_path / "cache"), "NN_VIZ_KERNELS": str(tmp_path / "image")}
    name, *counts = run(SHORT_TRAINING + HITS, **environment)
    assert name == "compiled"
    assert counts == ["1", "0"]
    script = "from nn_viz.training import kernels; print(kernels.is_compiled())"
    assert run(script, NN_VIZ_CACHE=str(tmp_path / "cache")) == ["True"]


def test_without_numba_torch_trains(tmp_path: Path) -> None:
    assert run("import sys; sys.modules['numba'] = None" + SHORT_TRAINING) == ["torch"]


def test_without_llvm_torch_trains_and_a_worker_can_ask(tmp_path: Path) -> None:
    script = "import sys; sys.modules['llvmlite'] = None\nfrom nn_viz.training import kernels\n"
    assert run(script + "print(kernels.is_compiled())" + SHORT_TRAINING) == ["False", "torch"]


def test_damaged_code_is_compiled_anew(tmp_path: Path) -> None:
    folder = kernels.kernel_folder()
    assert kernels.load() and folder is not None
    copied = tmp_path / folder.name
    shutil.copytree(folder, copied)
    for path in copied.rglob("*.nbi"):
        path.write_bytes(path.read_bytes()[:100])
    name, *counts = run(SHORT_TRAINING + HITS, NN_VIZ_CACHE=str(tmp_path))
    assert (name, counts[0]) == ("compiled", "0")
    assert run(SHORT_TRAINING + HITS, NN_VIZ_CACHE=str(tmp_path)) == ["compiled", "1", "0"]


def test_code_of_other_versions_is_removed_when_it_has_not_been_used_for_long(tmp_path: Path) -> None:
    for name, age in (("kernels-old", 2 * loading.UNUSED_SECONDS), ("kernels-recent", 0)):
        mark = tmp_path / name / f"{loading._MARK}x"
        mark.parent.mkdir()
        mark.touch()
        os.utime(mark, (time.time() - age, time.time() - age))
    loading._remove_unused(tmp_path / "kernels-new")
    assert [path.name for path in tmp_path.iterdir()] == ["kernels-recent"]


def test_many_processes_compile_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SHORT_TRAINING + HITS]
    environment = {**os.environ, "NN_VIZ_CACHE": str(tmp_path)}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = sorted(process.communicate(timeout=200)[0].split() for process in processes)
    assert printed == [["compiled", "0", "1"], ["compiled", "1", "0"], ["compiled", "1", "0"]]


def test_a_compiler_that_fails_leaves_the_training_to_torch_and_says_so(
    fresh: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fresh.setattr(loading, "_loaded", None)
    fresh.setattr(loading, "_ENTRY", "nn_viz.training.kernels.gone")
    assert not kernels.load()
    assert "PyTorch trains instead" in caplog.text


def test_where_the_cache_cannot_be_written_the_code_is_kept_among_temporary_files(
    fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path / "file"))
    fresh.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = kernels.kernel_folder()
    assert folder is not None
    assert (tmp_path / "temporary") in folder.parents


@pytest.mark.parametrize("which", ["the folder", "the one above"])
def test_a_folder_that_others_may_write_to_is_not_used_for_code(
    which: str, fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path / "cache"))
    mine = kernels.kernel_folder()
    assert mine is not None and tmp_path / "cache" in mine.parents
    (mine if which == "the folder" else mine.parent).chmod(0o777)
    loading.kernel_folder.cache_clear()
    fresh.setattr(tempfile, "tempdir", str(tmp_path))
    other = kernels.kernel_folder()
    assert other is not None and other != mine


def test_where_nothing_can_be_written_a_thread_of_the_process_compiles(
    fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path / "file"))
    fresh.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    assert kernels.kernel_folder() is None
    assert not kernels.is_compiled()
    compilation = KernelCompilation()  # the kernels are there already: the thread has nothing to do
    assert compilation._thread is not None
    compilation._thread.join(60)
    assert compilation.is_done
    assert compilation.finish() == kernels.load()


def test_a_changed_source_means_another_folder(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = tmp_path / "kernels"
    shutil.copytree(Path(loading.__file__).parent, copied)
    fresh.setattr(loading, "__file__", str(copied / "loading.py"))
    found = []
    for ending in ("", "", "\n"):
        (copied / "dense.py").write_text((copied / "dense.py").read_text() + ending)
        loading._sources.cache_clear()
        found.append(loading._sources())
    loading._sources.cache_clear()
    assert found[0] == found[1] != found[2]
