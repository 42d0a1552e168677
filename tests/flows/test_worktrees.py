"""Where runs work: the clone for its own profile, git worktrees for others, one run in each."""

import os
import shutil
from pathlib import Path

import pytest
from dvc.repo import Repo
from ruamel.yaml import YAML

from flows import CLONE
from flows.incoming import INCOMING
from flows.settings import Request
from flows.worktrees import prepare_worktree, working_folder, worktree_folder
from smearflow.ground.errors import SmearflowError
from tests.commands import dvc, git
from tests.flows.toy import FIRST, commit_all, python, toy_params, write_toy, write_yaml
from tests.material import write_cells
from tests.stages.project import tree


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return write_toy(tmp_path / "a clone", FIRST)


def prepared(clone: Path, request: Request | None = None, profile: str = "toy") -> Path:
    with working_folder(clone, profile, request or Request()) as root:
        return root


def epochs(root: Path) -> int:
    return int(YAML(typ="safe").load(root / "params.yaml")["train"]["epochs"])


FIVE = Request(overrides=("train.epochs=5",))


def test_the_profile_of_the_clone_is_run_in_it(clone: Path) -> None:
    assert prepared(clone, FIVE, CLONE) == clone
    assert epochs(clone) == 5
    assert prepared(clone, profile=CLONE) == clone
    assert epochs(clone) == 5  # its own settings, now
    assert not (clone / "runs").exists()


def test_any_other_is_run_in_a_worktree_of_its_own(clone: Path) -> None:
    usual = epochs(clone)
    root = prepared(clone, FIVE)
    assert root == clone / "runs/toy"
    assert git(root, "rev-parse", "HEAD") == git(clone, "rev-parse", "HEAD")
    assert epochs(root) == 5
    assert prepared(clone) == root
    assert epochs(root) == usual  # asked for once is not for ever
    assert git(clone, "status", "--porcelain") == ""


def test_what_is_no_run_of_the_profile_works_beside_it(clone: Path) -> None:
    for profile in ("toy", CLONE):
        with (
            working_folder(clone, profile, Request()) as own,
            working_folder(clone, profile, FIVE, purpose="crossval") as beside,
        ):
            assert beside == clone / f"runs/{profile}-crossval"
            assert epochs(beside) == 5
            assert epochs(own) != 5


def test_a_worktree_has_the_cache_and_the_remotes_of_the_clone(clone: Path) -> None:
    dvc(clone, "remote", "add", "--default", "shared", "../shared")
    dvc(clone, "remote", "add", "--local", "own", "../own")
    root = prepared(clone)
    with Repo(str(clone)) as first, Repo(str(root)) as second:
        assert second.cache.local_cache_dir == first.cache.local_cache_dir
        for name in ("shared", "own"):
            assert second.config["remote"][name]["url"] == str(clone.parent / name)
        assert second.config["core"]["remote"] == "shared"


def test_its_files_are_those_of_the_clone_committed_or_not(clone: Path) -> None:
    (clone / "stages/split.py").unlink()
    (clone / "stages/ingest.py").write_text("changed")
    (clone / "smearflow/new").mkdir()
    (clone / "smearflow/new/module.py").write_text("untracked")
    (clone / "smearflow/html.py").unlink()  # a folder takes its place
    (clone / "smearflow/html.py").mkdir()
    (clone / "smearflow/html.py/page.txt").write_text("untracked too")
    (clone / "link.py").symlink_to("dvc.yaml")
    (clone / "outputs").mkdir()
    (clone / "outputs/ignored").touch()
    (clone / "cell_images/Parasitized").mkdir(parents=True)
    (clone / "cell_images/Parasitized/C1 [a].PNG").touch()
    (clone / "cell_images.zip").touch()
    (clone / "smearflow/odd [name]*.py").write_text("untracked too")
    root = prepared(clone)
    names = [
        "dvc.yaml",
        "link.py",
        "smearflow/html.py/page.txt",
        "smearflow/new/module.py",
        "smearflow/odd [name]*.py",
        "stages/ingest.py",
    ]
    for name in names:
        assert (root / name).read_text() == (clone / name).read_text()
    assert (root / "link.py").is_symlink()
    assert not (root / "stages/split.py").exists()
    assert not (root / "outputs").exists()
    assert not list(root.glob("cell_images*"))  # somebody's cells are no part of the code


def test_it_follows_the_clone_and_keeps_its_results(clone: Path) -> None:
    (clone / "smearflow/passing.py").write_text("untracked")
    root = prepared(clone)
    results = ("outputs/a", "reports/a", "work/a", "data/incoming/a.png", ".dvc/tmp/a")
    for name in results:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("kept")
    (root / "stages/ingest.py").write_text("changed where nobody should")
    (root / "stages/own.py").touch()
    untouched = (root / "smearflow/__init__.py").stat().st_mtime_ns
    (clone / "smearflow/passing.py").unlink()
    (clone / "stages/split.py").write_text("committed")
    commit_all(clone, "Another split")
    assert prepared(clone) == root
    assert git(root, "rev-parse", "HEAD") == git(clone, "rev-parse", "HEAD")
    assert all((root / name).read_text() == "kept" for name in results)
    assert (root / "stages/split.py").read_text() == "committed"
    assert (root / "stages/ingest.py").read_bytes() == (clone / "stages/ingest.py").read_bytes()
    assert not (root / "stages/own.py").exists()
    assert not (root / "smearflow/passing.py").exists()
    assert (root / "smearflow/__init__.py").stat().st_mtime_ns == untouched


def test_it_has_settings_and_results_of_its_own(clone: Path) -> None:
    write_yaml(clone / "params.yaml", toy_params(None, seed=7))
    (clone / "dvc.lock").write_text("of the clone")
    root = prepared(clone)
    assert (root / "params.yaml").read_text() == (clone / "profiles/toy.yaml").read_text()
    assert not (root / "dvc.lock").exists()
    (root / "dvc.lock").write_text("its own")
    prepared(clone)
    assert (root / "dvc.lock").read_text() == "its own"
    commit_all(clone, "Results are committed")
    prepared(clone)
    assert (root / "dvc.lock").read_text() == "its own"
    other = worktree_folder(clone, "other")
    prepare_worktree(clone, other)
    assert (other / "dvc.lock").read_text() == "of the clone"  # what was run before is known
    (other / "dvc.lock").write_text("its own, too")
    (other / "params.yaml").write_text("own: 1")
    prepare_worktree(clone, other)
    assert (other / "dvc.lock").read_text() == "its own, too"
    assert (other / "params.yaml").read_text() == "own: 1"


def test_a_run_imports_the_code_of_its_worktree(
    clone: Path, cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # what `make schedule` sets for the flows would lead a stage to the clone, if it came first
    monkeypatch.setenv("PYTHONPATH", str(clone))
    (clone / "smearflow/told.py").write_text("LINES = ['untracked', __file__]\n")
    with (clone / "smearflow/cells/raw.py").open("a") as stage:
        stage.write("\nfrom smearflow.told import LINES\n\nprint(*LINES, __file__, sep='\\n')\n")
    root = prepared(clone, Request(data=str(cells)))
    (clone / "smearflow/told.py").write_text("LINES = ['changed while the run goes on']\n")
    done = python(root, "-m", "dvc", "repro", "--single-item", "ingest")
    assert done.returncode == 0, done.stdout
    told = ["untracked", str(root / "smearflow/told.py"), str(root / "smearflow/cells/raw.py")]
    lines = done.stdout.splitlines()
    assert lines[lines.index("untracked") :][:3] == told
    prepared(clone, Request(data=str(cells)))
    assert "changed while" in python(root, "-m", "stages.ingest").stdout


@pytest.mark.parametrize("profile", ["toy", CLONE])
def test_one_run_at_a_time_in_a_folder(clone: Path, profile: str) -> None:
    with working_folder(clone, profile, Request()) as root:
        before = (root / "params.yaml").read_bytes()
        with pytest.raises(
            SmearflowError,
            match=rf"the folder {root} is busy: process {os.getpid()} works there; wait",
        ):
            prepared(clone, FIVE, profile)
        assert (root / "params.yaml").read_bytes() == before
        prepared(clone, FIVE, CLONE if profile == "toy" else "toy")
    prepared(clone, FIVE, profile)


def test_without_git_only_the_clone_itself_is_run(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    assert prepared(clone, FIVE, CLONE) == clone
    assert epochs(clone) == 5
    with pytest.raises(SmearflowError, match=r"a run in runs/toy needs git, and .*; use a clone: "):
        prepared(clone)
    assert not (clone / "runs").exists()


def test_a_repository_without_a_commit_is_no_clone_yet(clone: Path) -> None:
    shutil.rmtree(clone / ".git")
    git(clone, "init", "--quiet")
    with pytest.raises(SmearflowError, match=r"needs git, and .* is no clone with a commit"):
        prepared(clone)


def test_a_folder_that_is_no_worktree_is_left_alone(clone: Path) -> None:
    (clone / "runs/toy").mkdir(parents=True)
    prepared(clone)  # an empty one is taken
    shutil.rmtree(clone / "runs/toy")
    (clone / "runs/toy").mkdir()
    (clone / "runs/toy/notes.txt").write_text("a person's")
    with pytest.raises(SmearflowError, match=r"runs/toy is no worktree of this clone; move"):
        prepared(clone)
    assert tree(clone / "runs/toy") == {"notes.txt": b"a person's"}


def test_a_worktree_that_somebody_removed_is_made_anew(clone: Path) -> None:
    shutil.rmtree(prepared(clone))
    root = prepared(clone)
    assert (root / "dvc.yaml").is_file()


def test_a_worktree_judges_the_window_it_is_asked_to(clone: Path, tmp_path: Path) -> None:
    cells = write_cells(tmp_path / "new", patients=1, per_class=1)
    root = prepared(clone, Request(incoming=str(cells)))
    assert {name for name in tree(root / INCOMING) if name != "README.md"} == set(tree(cells))
    assert set(tree(clone / INCOMING)) == {"README.md"}
    prepared(clone)
    assert set(tree(root / INCOMING)) == {"README.md"}


@pytest.mark.parametrize("name", ["other", "../profiles/toy", ""])
def test_an_unknown_profile_is_no_place_to_work(clone: Path, name: str) -> None:
    with (
        pytest.raises(SmearflowError, match=r"no profile .*; choose one of: sample, toy$"),
        working_folder(clone, name, Request()),
    ):
        pass
    assert not (clone / "runs").exists()
