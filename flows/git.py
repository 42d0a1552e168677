"""Git, as far as runs and decisions need it; a project without git works too, with less."""

import getpass
import mimetypes
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from smearflow.ground.errors import SmearflowError

_ARCHIVES = ("application/zip", "application/x-tar")
_NOBODY = {"user.name": "smearflow", "user.email": "smearflow@localhost"}


def git(
    folder: Path,
    *arguments: str,
    given: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """What a git command printed.

    Args:
        given: for its standard input.
        environment: beside this process's own.

    Raises:
        SmearflowError: it failed; in git's own words.
    """
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **author(folder), **(environment or {})},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        problem = _reason((done.stderr or done.stdout).strip().splitlines())
        locked = ".lock'" in problem
        raise SmearflowError(
            f"git {arguments[0]} failed in {folder}: {problem}",
            "wait for the other git command; if there is none, one was killed: remove that file"
            if locked
            else "put that right and run again",
        )
    return done.stdout


def _reason(said: list[str]) -> str:
    """The line that says why; advice of several lines may follow it."""
    told = [line for line in said if line.startswith(("fatal: ", "error: "))]
    return (told or said[-1:] or ["no message"])[0]


@lru_cache
def author(folder: Path) -> dict[str, str]:
    """Environment in which a commit has an author, where git has not been told one."""
    found = {}
    for key, nobody in _NOBODY.items():
        asked = subprocess.run(
            ["git", "config", key], cwd=folder, capture_output=True, text=True, check=False
        )
        if not asked.stdout.strip():
            for role in ("AUTHOR", "COMMITTER"):
                found[f"GIT_{role}_{key.removeprefix('user.').upper()}"] = nobody
    return found


def person(folder: Path) -> str:
    """Who works here: as git knows them, else as the system does."""
    try:
        return git(folder, "config", "user.name").strip() or getpass.getuser()
    except (SmearflowError, FileNotFoundError):
        return getpass.getuser()


def revision(folder: Path) -> str | None:
    """The commit that a folder stands on; None where it is in no repository, or in an empty one."""
    if not (folder / ".git").exists():
        return None
    try:
        return git(folder, "rev-parse", "--verify", "--quiet", "HEAD").strip()
    except (SmearflowError, FileNotFoundError):
        return None


def require_git(project: Path, what: str) -> str:
    """The commit that the project stands on.

    Args:
        what: needs it, for the message.

    Raises:
        SmearflowError: the project is in no git repository, or in one without a commit.
    """
    found = revision(project)
    if found is None:
        raise SmearflowError(
            f"{what} needs git, and {project} is no clone with a commit",
            "use a clone: git clone <repository>, or: git init && git add . && git commit -m start",
        )
    return found


def loose_files(project: Path) -> tuple[list[str], list[str]]:
    """What the working tree has beside its commit.

    Returns:
        Files that are changed, or untracked; and tracked files that are gone. Paths relative to the
        project.
    """
    changed = _paths(git(project, "diff", "--name-only", "--no-renames", "-z", "HEAD"))
    there = [name for name in (*changed, *untracked(project)) if _is_there(project / name)]
    return there, [name for name in changed if not _is_there(project / name)]


def untracked(project: Path, environment: Mapping[str, str] | None = None) -> list[str]:
    """Files that git neither has nor ignores, without images and archives.

    Somebody's cells may lie in the clone: too many to be copied and committed.

    Args:
        environment: as of `git`, which may name another index.
    """
    listed = ("ls-files", "--others", "--exclude-standard", "-z")
    found = _paths(git(project, *listed, environment=environment))
    return [name for name in found if not _is_data(name)]


def _is_data(name: str) -> bool:
    kind, packed = mimetypes.guess_type(name)
    return bool(packed) or (kind or "").startswith("image/") or kind in _ARCHIVES


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _paths(output: str) -> list[str]:
    return [name for name in output.split("\0") if name]


def add_worktree(project: Path, folder: Path, *at: str) -> None:
    """Have a git worktree in a folder that no other process uses.

    One that is there stays, also where the project was moved, unless a kill left it half made: then
    git has not written its index.

    Args:
        at: what it stands on, as `git worktree add` takes it.
    """
    pointer = folder / ".git"
    if pointer.is_file():
        if not _git_folder(pointer).is_dir():
            git(project, "worktree", "repair", str(folder))
        own = _git_folder(pointer)
        (own / "index.lock").unlink(missing_ok=True)  # of a git that was killed
        if (own / "index").exists():
            return
        shutil.rmtree(folder)
    git(project, "worktree", "prune")
    force = ("--force", "--force")  # where its folder is gone, even of a half made one
    git(project, "worktree", "add", "--quiet", *force, *at[:-1], str(folder), at[-1])


def _git_folder(pointer: Path) -> Path:
    """Where git keeps what it knows of a worktree."""
    return Path(pointer.read_text().removeprefix("gitdir: ").strip())
