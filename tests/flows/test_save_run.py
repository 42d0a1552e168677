"""A run is saved as the real DVC's experiment, and nothing else in the clone changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.experiments import save_run
from tests.commands import dvc, git

DVC_YAML = """
stages:
  double:
    cmd: mkdir -p outputs && cp params.yaml outputs/result.txt
    params: [value]
    outs: [outputs]
"""
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose stage has run, with files that are changed, staged, new and gone."""
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    dvc(tmp_path, "init", "--quiet")
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / ".gitignore").write_text("/outputs\n")
    for name in ("params.yaml", "changed", "staged", "gone"):
        (tmp_path / name).write_text("value: 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "a clone")
    dvc(tmp_path, "repro")
    for name in ("changed", "staged", "new"):
        (tmp_path / name).write_text("2\n")
    git(tmp_path, "add", "staged")
    (tmp_path / "gone").unlink()
    return tmp_path


def state(root: Path) -> tuple[str, ...]:
    """Branch, commit, and what differs from it in index and files."""
    return (
        git(root, "symbolic-ref", "HEAD"),
        git(root, "rev-parse", "HEAD"),
        git(root, "status", "--porcelain"),
        git(root, "diff", "HEAD"),
    )


def test_everything_but_ignored_files_and_images_is_in_it(clone: Path) -> None:
    (clone / "cell.png").touch()
    (clone / "n[e]w*").touch()
    (clone / "staged_new").touch()
    git(clone, "add", "staged_new")
    before = state(clone)
    assert save_run(clone, "toy", NOON) == "toy-20300501-120000"
    assert state(clone) == before
    assert dvc(clone, "exp", "list", "--name-only").split() == ["toy-20300501-120000"]
    (ref,) = git(clone, "for-each-ref", "--format=%(refname)", "refs/exps/").split()
    files = git(clone, "ls-tree", "-r", "--name-only", ref).split()
    assert {"dvc.lock", "new", "n[e]w*", "changed", "staged", "staged_new"} <= set(files)
    assert not {"gone", "outputs/result.txt", "cell.png"} & set(files)
    assert git(clone, "show", f"{ref}:changed") == git(clone, "show", f"{ref}:staged") == "2\n"


def test_a_run_that_changed_nothing_is_the_earlier_one(clone: Path) -> None:
    earlier = save_run(clone, "toy", NOON)
    assert save_run(clone, "toy", NOON.replace(hour=13)) == earlier
    (clone / "params.yaml").write_text("value: 2\n")
    dvc(clone, "repro")
    assert save_run(clone, "toy", NOON.replace(hour=14)) == "toy-20300501-140000"
    assert len(dvc(clone, "exp", "list", "--name-only").split()) == 2


def test_dvc_applies_it(clone: Path) -> None:
    saved = save_run(clone, "toy", NOON)
    assert saved is not None
    (clone / "params.yaml").write_text("value: 2\n")
    dvc(clone, "repro")
    later = save_run(clone, "toy", NOON.replace(hour=13))
    assert later is not None
    assert "value" in dvc(clone, "exp", "diff", saved, later)
    dvc(clone, "exp", "apply", saved)
    assert (clone / "params.yaml").read_text() == "value: 1\n"
    assert (clone / "outputs/result.txt").read_text() == "value: 1\n"
    assert "up to date" in dvc(clone, "repro")
