"""Where runs work: in the clone itself, or beside it in a git worktree `runs/<name>`.

A worktree stands at the clone's commit, with the clone's uncommitted and untracked files laid over
it, and shares the clone's DVC cache and remotes: a run there imports the code as it is in the
clone, and its results are the clone's, too.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from flows import CLONE, RUNS
from flows.git import add_worktree, git, loose_files, require_git
from flows.incoming import place_window
from flows.processes import exclusive
from flows.settings import Request, settings_text, write_settings
from flows.store import share_store
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes

_OWN = ("params.yaml", "dvc.lock")  # a worktree has its own


def folder_of_profile(project: Path, profile: str) -> Path:
    """Where the runs of a profile work: the clone for its own, a worktree for others."""
    return project if profile == CLONE else worktree_folder(project, profile)


def run_folder(run: Path) -> Path:
    """The folder of a run that RUN names, `~` expanded.

    Raises:
        SmearflowError: there is no such folder.
    """
    folder = run.expanduser()
    if not folder.is_dir():
        raise SmearflowError(f"RUN={run} is no folder", "name that of a run, as runs/nih, or .")
    return folder


def worktree_folder(project: Path, name: str) -> Path:
    """Where the worktree of that name is."""
    return project / RUNS / name


@contextlib.contextmanager
def working_folder(
    project: Path, profile: str, request: Request, *, purpose: str | None = None
) -> Iterator[Path]:
    """Where a run of a profile works, prepared, and held against other runs until the block ends.

    The clone's own profile is run in the clone, and what is asked for is set in its params.yaml.
    Any other is run in the worktree `runs/<profile>`, with a params.yaml made of the profile and
    of what is asked for.

    Args:
        purpose: of what is no run of the profile itself: it works in `runs/<profile>-<purpose>`.

    Raises:
        SmearflowError: there is no such profile, another run works there, or what was asked for
            does not exist or makes no valid settings.
    """
    text = settings_text(project, profile)
    _name_earlier(project)
    if profile == CLONE and purpose is None:
        with held(project, project):
            write_settings(project / "params.yaml", text, request)
            place_window(project, Path(request.incoming) if request.incoming else None)
            yield project
        return
    root = worktree_folder(project, f"{profile}-{purpose}" if purpose else profile)
    with held(project, root):
        prepare_worktree(project, root)
        write_settings(root / "params.yaml", text, request)
        place_window(root, Path(request.incoming) if request.incoming else None)
        yield root


def _name_earlier(project: Path) -> None:
    """Say once what an earlier version left; its registry/ is taken over without a word."""
    earlier, said = project / "workspaces", project / ".dvc/tmp/workspaces.named"
    if earlier.is_dir() and not said.exists():
        print(
            f"{earlier.name}/ is of an earlier version: runs work in this folder and in {RUNS}/ "
            "now, and nothing reads it any more",
            flush=True,
        )
        said.parent.mkdir(parents=True, exist_ok=True)
        said.touch()


def held(project: Path, root: Path) -> contextlib.AbstractContextManager[None]:
    """Only one run works in a folder, the clone or one of its worktrees, at a time."""
    place = f"the folder {root}"
    name = "clone" if root == project else f"runs-{root.name}"
    return exclusive(project / f".dvc/tmp/{name}.lock", place)


def prepare_worktree(project: Path, root: Path) -> None:
    """Make a worktree, or bring it to where the clone stands now; its results stay.

    Raises:
        SmearflowError: the project is no clone, or something else lies there.
    """
    commit = require_git(project, f"a run in {root.relative_to(project)}")
    if not (root / ".git").is_file() and root.exists() and any(root.iterdir()):
        raise SmearflowError(f"{root} is no worktree of this clone", "move that folder away")
    add_worktree(project, root, "--detach", commit)
    _bring_to(root, commit)
    _lay_over(project, root)
    share_store(project, root)


def _bring_to(root: Path, commit: str) -> None:
    kept = {name: (root / name).read_bytes() for name in _OWN if (root / name).is_file()}
    git(root, "checkout", "--quiet", "--force", "--detach", commit)
    git(root, "clean", "--quiet", "--force", "-d", *(f"--exclude={name}" for name in _OWN))
    for name, content in kept.items():
        write_bytes(root / name, content)


def _lay_over(project: Path, root: Path) -> None:
    """Make the files of a worktree those of the clone, committed or not."""
    there, gone = loose_files(project)
    for name in gone:  # first: a folder may be where a file was
        if name not in _OWN:
            (root / name).unlink(missing_ok=True)
    for name in there:
        if name not in _OWN:
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy2(project / name, target, follow_symlinks=False)
