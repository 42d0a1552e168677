"""Decisions, where no run, checkout or experiment reaches them: `registry/`, a git branch apart.

The folder is a git worktree of the branch `registry` and a small DVC project: what was decided is
committed there, and the models it names are DVC's, in the clone's cache. So `git checkout` and
`dvc exp apply` in the clone change nothing in it, `git push origin registry` shares decisions, and
`dvc push` inside it the models. Without git it is a plain folder.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from ruamel.yaml import YAML

from flows.experiments import dvc, fetch_outputs
from flows.git import git, revision
from flows.processes import in_turn
from flows.store import cache_of, content, share_store
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import replacing, write_bytes
from smearflow.params.registry import RegistrySettings
from smearflow.release.folder import Champion, Release
from smearflow.release.registry import Registry

BRANCH = "registry"
CELLS = ".cells"  # what a model's cells are called, beside its folder
_SHARED = f"origin/{BRANCH}"
_EARLIER = ".registry.earlier"
_FIRST_FILES = {
    ".gitattributes": "*.jsonl merge=union\n",  # what two people noted, both noted
    # models are DVC's, never git's; `*` would have DVC pass over the folder models itself
    ".gitignore": ".lock\n*.tmp\n.*.new/\n/*/models/?*/\n",
    ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n",
    ".dvc/config": "[core]\n    analytics = false\n    autostage = false\n",
}


def open_registry(project: Path, *, to_read: bool = False) -> Registry:
    """The registry of a project, ready to be read and written.

    A folder that an earlier version left becomes the branch; a colleague's branch is fetched from
    what `git clone` or `git fetch` brought; what a kill left is put right.

    Args:
        to_read: DVC is not told where the project's cache and remotes are, which takes most of a
            second: `model_at_hand` tells it if it has to.
    """
    folder = project / "registry"
    if revision(project) is not None:
        with _alone(project):
            if not (folder / ".git").exists():
                _begin(project, folder)
            _mend(project, folder)
            if not to_read:
                share_store(project, folder)
            _adopt(project, folder)
            _commit(project, "Decisions of a command that did not end")
            _fast_forward(folder)
    return Registry(folder)


@contextmanager
def decisions(project: Path, message: str) -> Iterator[Registry]:
    """The registry; what was written into it is committed when the block ends, however it ends."""
    registry = open_registry(project)
    try:
        yield registry
    except BaseException:
        try:
            commit_decisions(project, message)
        except SmearflowError as error:  # the block's own error is the one to be told
            print(f"warning: decisions are written, but not committed: {error}", flush=True)
        raise
    commit_decisions(project, message)


def commit_decisions(project: Path, message: str) -> None:
    """Commit what is new in the registry, if there is git and anything is.

    DVC keeps the models that are new, and the cells that ingest brought for them.
    """
    if (project / "registry/.git").exists():
        with _alone(project):
            _commit(project, message)


def _alone(project: Path) -> AbstractContextManager[None]:
    """One process at a time has git or DVC work in the registry; others wait."""
    return in_turn(project / ".dvc/tmp/registry.lock")


def _commit(project: Path, message: str) -> None:
    folder = project / "registry"
    for model in sorted(folder.glob("*/models/*/")):
        is_new = not model.with_name(model.name + ".dvc").exists()
        if is_new and model.suffix != CELLS and not model.name.startswith("."):
            _track(project, model)
    git(folder, "add", "--all")
    if git(folder, "diff", "--cached", "--name-only"):
        git(folder, "commit", "--quiet", "--no-verify", "--message", message)


def _track(project: Path, model: Path) -> None:
    """Have DVC keep a promoted model, and name the cells it was trained from.

    The cells are in the cache since the stage ran, unless they came from elsewhere.
    """
    locked = model / "dvc.lock"
    stages = YAML(typ="safe").load(locked)["stages"] if locked.is_file() else {}
    outs = {out["path"]: out for out in stages.get("ingest", {}).get("outs", [])}
    entry = outs.get("outputs/ingest")
    if entry and content(cache_of(project), entry["md5"]).is_file():
        _name_output(model.with_name(model.name + CELLS), entry)
    folder = project / "registry"
    dvc(folder, "add", "--", str(model.relative_to(folder)))


def _name_output(place: Path, entry: Mapping[str, str | int]) -> None:
    """Write the .dvc file of a folder whose content is in the cache already."""
    wanted = {key: entry[key] for key in ("md5", "size", "nfiles", "hash") if key in entry}
    with replacing(place.with_name(place.name + ".dvc")) as file:
        YAML().dump({"outs": [wanted | {"path": place.name}]}, file)


Held = TypeVar("Held", bound=Release)


def model_at_hand(project: Path, release: Held) -> Held:
    """A release whose files are here and whole; fetched from DVC's cache or remote if need be.

    Raises:
        SmearflowError: they are in neither, or one is damaged, or not signed as it must be.
    """
    if not release.folder.is_dir():
        _pull(project, release, release.folder)
    release.verify()
    return release


def cells_at_hand(project: Path, champion: Champion) -> dict[str, Path]:
    """The archives of the cells that a champion was trained from, by source.

    Raises:
        SmearflowError: they are neither in DVC's cache nor in its remote.
    """
    cells = champion.folder.with_name(champion.folder.name + CELLS)
    if not cells.is_dir() and cells.with_name(cells.name + ".dvc").exists():
        _pull(project, champion, cells)
    return {archive.stem: archive for archive in sorted((cells / "raw").glob("*.zip"))}


def _pull(project: Path, release: Release, place: Path) -> None:
    folder = project / "registry"
    target = f"{place.relative_to(folder)}.dvc"
    if not (folder / target).exists():
        raise SmearflowError(
            f"the files of {release.model_id} are not here, and DVC does not know them",
            "promote a run of this clone, or fetch the branch registry: git fetch",
        )
    with _alone(project):
        share_store(project, folder)
        try:
            fetch_outputs(folder, target)
        except SmearflowError as error:
            raise SmearflowError(
                f"{place} can't be fetched: {error.problem}",
                "name the remote that holds it, as in: dvc remote add -d store <place>; whoever "
                "promoted the model shares it by `dvc push` in registry/",
            ) from error


def share_decisions(project: Path, settings: RegistrySettings) -> None:
    """Share the decisions and the models they name, if the settings say so; else say how.

    Raises:
        SmearflowError: what shares them failed.
    """
    folder = project / "registry"
    if not (folder / ".git").exists():
        return
    if settings.share:
        with _alone(project):
            dvc(folder, "push")
            git(folder, "push", "--quiet", "origin", BRANCH)
    else:
        print(f"to share it: git push origin {BRANCH} && dvc --cd registry push", flush=True)


def _begin(project: Path, folder: Path) -> None:
    """Make the worktree; a plain folder of that name is kept aside for `_adopt`."""
    if folder.is_dir() and any(folder.iterdir()):
        folder.rename(project / _EARLIER)
    if not git(project, "branch", "--list", BRANCH).strip():
        git(project, "branch", BRANCH, _start_of_branch(project))
    git(project, "worktree", "prune")
    git(project, "worktree", "add", "--quiet", "--force", str(folder), BRANCH)


def _start_of_branch(project: Path) -> str:
    """Where the branch begins: at a colleague's, or at a commit of its own that holds nothing."""
    if git(project, "for-each-ref", f"refs/remotes/{_SHARED}").strip():
        return _SHARED
    empty = git(project, "hash-object", "-t", "tree", "-w", "/dev/null").strip()
    return git(project, "commit-tree", empty, "-m", "Decisions have a branch of their own").strip()


def _mend(project: Path, folder: Path) -> None:
    """Have the worktree hold what it began with, wherever the project lies now."""
    if revision(folder) is None:  # the project was moved
        git(project, "worktree", "repair", str(folder))
    gone = git(folder, "diff", "--name-only", "--diff-filter=D", "-z", "HEAD")
    if gone:  # a kill left half a worktree: no decision deletes a file
        git(folder, "checkout", "HEAD", "--pathspec-from-file=-", "--pathspec-file-nul", given=gone)
    for name, first in _FIRST_FILES.items():
        if not (folder / name).exists():
            (folder / name).parent.mkdir(exist_ok=True)
            write_bytes(folder / name, first.encode())


def _adopt(project: Path, folder: Path) -> None:
    """Take over the decisions of a plain folder; a kill in between leaves it to be taken again."""
    earlier = project / _EARLIER
    if earlier.is_dir():
        for file in sorted(path for path in earlier.rglob("*") if path.is_file()):
            target = folder / file.relative_to(earlier)
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                write_bytes(target, file.read_bytes())
        _commit(project, "Decisions that were made before they had a branch")
        shutil.rmtree(earlier)


def _fast_forward(folder: Path) -> None:
    """Take over what a colleague decided meanwhile, as far as git has fetched it."""
    if not git(folder, "for-each-ref", f"refs/remotes/{_SHARED}").strip():
        return
    behind = git(folder, "rev-list", "--count", f"HEAD..{_SHARED}").strip() != "0"
    ahead = git(folder, "rev-list", "--count", f"{_SHARED}..HEAD").strip() != "0"
    if behind and not ahead:
        git(folder, "merge", "--quiet", "--ff-only", _SHARED)
    elif behind:
        print(
            f"warning: decisions were made here and elsewhere: `git -C registry merge {_SHARED}` "
            "brings them together",
            flush=True,
        )
