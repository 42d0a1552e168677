"""Git worktrees that a kill left half made, or whose project was moved."""

from pathlib import Path

import pytest

from flows.git import add_worktree, revision
from tests.commands import git


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with one file and a worktree that holds results."""
    root = tmp_path / "clone"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    (root / ".gitignore").write_text("/runs/\n/outputs/\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "a clone")
    add(root)
    (root / "runs/one/outputs").mkdir()
    return root


def add(root: Path) -> Path:
    folder = root / "runs/one"
    add_worktree(root, folder, "--detach", "main")
    assert git(folder, "status", "--porcelain") == ""
    assert revision(folder) == revision(root)
    return folder


def own_folder(root: Path) -> Path:
    return root / ".git/worktrees/one"


def test_one_that_is_there_stays(clone: Path) -> None:
    assert (add(clone) / "outputs").is_dir()


def test_it_moves_with_its_project(clone: Path) -> None:
    moved = clone.rename(clone.with_name("moved"))
    assert (add(moved) / "outputs").is_dir()


def test_a_lock_of_a_killed_git_is_removed(clone: Path) -> None:
    (own_folder(clone) / "index.lock").touch()
    folder = add(clone)
    assert (folder / "outputs").is_dir()
    git(folder, "checkout", "--quiet", "--detach", "main")


@pytest.mark.parametrize("folder_too", [True, False])
def test_one_that_is_half_made_is_made_anew(clone: Path, folder_too: bool) -> None:
    own, folder = own_folder(clone), clone / "runs/one"
    (own / "index").unlink()
    (own / "index.lock").touch()
    (own / "locked").write_text("initializing")  # as `git worktree add` does while it works
    (folder / ".gitignore").unlink()
    if folder_too:
        (folder / "outputs").rmdir()
        (folder / ".git").unlink()
        folder.rmdir()
    assert (add(clone) / ".gitignore").is_file()
