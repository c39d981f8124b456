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

from nn_viz.training import kernels
from nn_viz.training.kernels import loading

SHORT_TRAINING = """
import sys
import nn_viz
from nn_viz.training import Trainer
data = nn_viz.load_dataset("mnist-5k")
trainer = Trainer(nn_viz.NetworkSpec.parse("5", 20), data, nn_viz.TrainingConfig(device="cpu"))
trainer.advance()
print(trainer.backend, "compiles" if sys.modules.get("numba") else "reads")
"""


@pytest.fixture
def fresh(monkeypatch):
    """Let the folder be looked for anew."""
    loading.kernel_folder.cache_clear()
    yield monkeypatch
    loading.kernel_folder.cache_clear()


@pytest.fixture(scope="module")
def kept() -> Path:
    """The file with the code, compiled if it is not there."""
    assert kernels.load()
    folder = kernels.kernel_folder()
    assert folder is not None
    return folder / loading._file_name()


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


def test_code_that_was_compiled_in_advance_is_used_where_it_lies(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "image").mkdir()
    shutil.copy(kept, tmp_path / "image")
    environment = {"NN_VIZ_CACHE": str(tmp_path / "cache"), "NN_VIZ_KERNELS": str(tmp_path / "image")}
    assert run(SHORT_TRAINING, **environment) == ["compiled", "reads"]
    assert not list((tmp_path / "cache").glob("kernels*"))


def test_without_numba_what_is_kept_still_trains(kept: Path, tmp_path: Path) -> None:
    shutil.copy(kept, tmp_path)
    script = "import sys; sys.modules['numba'] = None" + SHORT_TRAINING
    assert run(script, NN_VIZ_CACHE=str(tmp_path)) == ["compiled", "reads"]


@pytest.mark.parametrize("missing", ["numba", "llvmlite"])
def test_without_the_compiler_torch_trains_and_a_worker_can_ask(missing: str, tmp_path: Path) -> None:
    script = f"import sys; sys.modules['{missing}'] = None\nfrom nn_viz.training import kernels\n"
    script += "print(kernels.is_compiled(), kernels.compile_once())" + SHORT_TRAINING
    assert run(script, NN_VIZ_CACHE=str(tmp_path)) == ["False", "False", "torch", "reads"]


@pytest.mark.parametrize("damage", ["a byte", "the end", "all"])
def test_damaged_code_is_never_run(damage: str, kept: Path, tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    code = bytearray(kept.read_bytes())
    if damage == "a byte":
        code[len(code) // 2] ^= 1
    (tmp_path / kept.name).write_bytes(code[: {"a byte": len(code), "the end": len(code) - 1, "all": 0}[damage]])
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path))
    assert not kernels.is_compiled()
    shutil.copy(kept, tmp_path)
    assert kernels.is_compiled()


def test_many_processes_compile_once_and_replace_what_is_damaged(kept: Path, tmp_path: Path) -> None:
    (tmp_path / kept.name).write_bytes(b"damaged")
    environment = {**os.environ, "NN_VIZ_CACHE": str(tmp_path)}
    processes = [
        subprocess.Popen([sys.executable, "-c", SHORT_TRAINING], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    printed = sorted(process.communicate(timeout=200)[0].split() for process in processes)
    assert printed == [["compiled", "compiles"], ["compiled", "reads"], ["compiled", "reads"]]
    assert {path.suffix for path in tmp_path.glob("kernels*")} <= {".o", ".lock"}


def test_code_that_cannot_be_kept_is_used_all_the_same(tmp_path: Path) -> None:
    script = f"""
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
{SHORT_TRAINING}
from nn_viz.training import kernels
print(kernels.is_compiled())
"""
    assert run(script, NN_VIZ_CACHE=str(tmp_path)) == ["compiled", "compiles", "False"]
    assert {path.suffix for path in tmp_path.glob("kernels*")} <= {".lock"}


def test_code_of_other_versions_is_removed_when_it_has_not_been_used_for_long(tmp_path: Path) -> None:
    for name, age in (("kernels-old.o", 2 * loading.UNUSED_SECONDS), ("kernels-recent.o", 0)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    loading._remove_unused(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["kernels-recent.o"]


def test_a_compiler_that_fails_leaves_the_training_to_torch_and_says_so(
    fresh: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path))
    fresh.setattr(loading, "_loaded", None)
    fresh.setattr(loading, "_run", None)
    fresh.setattr(loading, "_COMPILER", "nn_viz.training.kernels.gone")
    assert not kernels.load()
    assert "PyTorch trains instead: No module named" in caplog.text
    with pytest.raises(RuntimeError, match="cannot be used here"):
        kernels.loaded_run()


def test_where_the_cache_cannot_be_written_the_code_is_kept_among_temporary_files(
    fresh: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path / "file"))
    fresh.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = kernels.kernel_folder()
    assert folder is not None
    assert folder.parent == tmp_path / "temporary"


def test_a_folder_that_others_may_write_to_is_not_used_for_code(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh.setenv("NN_VIZ_CACHE", str(tmp_path / "cache"))
    assert kernels.kernel_folder() == tmp_path / "cache"
    (tmp_path / "cache").chmod(0o777)
    loading.kernel_folder.cache_clear()
    fresh.setattr(tempfile, "tempdir", str(tmp_path))
    other = kernels.kernel_folder()
    assert other is not None and other != tmp_path / "cache"


def test_where_nothing_can_be_written_a_thread_of_the_process_compiles(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    script = f"""
import tempfile
tempfile.tempdir = {str(tmp_path / "file")!r}
from nn_viz.engine.kernel_compilation import KernelCompilation
from nn_viz.training import kernels
compilation = KernelCompilation()
compilation._thread.join(200)
print(kernels.kernel_folder(), compilation.is_done, compilation.finish(), kernels.is_compiled())
{SHORT_TRAINING}"""
    assert run(script, NN_VIZ_CACHE=str(tmp_path / "file")) == ["None", "True", "True", "False", "compiled", "compiles"]


def test_code_that_needs_what_is_not_there_is_compiled_anew(
    kept: Path, tmp_path: Path, fresh: pytest.MonkeyPatch
) -> None:
    code = loading.Code.from_bytes(kept.read_bytes())
    assert code is not None
    assert {"logf", "numba_gil_ensure"} <= set(code.needs)
    other = loading.Code(code.function, (*code.needs, "no_such_function"), code.data)
    with pytest.raises(RuntimeError, match="no_such_function is missing"):
        loading._link(other)
    (tmp_path / kept.name).write_bytes(other.to_bytes())
    environment = {"NN_VIZ_CACHE": str(tmp_path / "cache"), "NN_VIZ_KERNELS": str(tmp_path)}
    assert run(SHORT_TRAINING, **environment) == ["compiled", "compiles"]
    assert run(SHORT_TRAINING, **environment) == ["compiled", "reads"]


def test_other_sources_or_another_processor_mean_another_file(fresh: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = tmp_path / "kernels"
    shutil.copytree(Path(loading.__file__).parent, copied)
    fresh.setattr(loading, "__file__", str(copied / "loading.py"))
    found = []
    for ending, processor in (("", ""), ("", ""), ("\n", ""), ("", "generic")):
        fresh.setenv("NUMBA_CPU_NAME", processor)
        (copied / "dense.py").write_text((copied / "dense.py").read_text() + ending)
        loading._file_name.cache_clear()
        found.append(loading._file_name())
    loading._file_name.cache_clear()
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_the_pages_need_no_compiler() -> None:
    """The web process previews an untrained network; it must neither compile nor load what compiles."""
    script = """
import sys
from nn_viz.network import NetworkSpec
from nn_viz.training import TrainingConfig
from nn_viz.ui.live import run_at_step
config = TrainingConfig(dataset="mnist-5k", device="cpu")
snapshot = run_at_step._preview("5", 20, run_at_step._start_key(config))
print(snapshot.step, "numba" in sys.modules, "llvmlite" in sys.modules)
"""
    assert run(script) == ["0", "False", "False"]
