"""Finished runs as DVC experiments: saved under a name with profile and time, listed in a table."""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flows.git import add_worktree, author, git, require_git, revision, untracked
from flows.processes import tool_environment
from flows.store import share_store
from smearflow.ground.errors import SmearflowError

_COMPARED = ("dvc.lock", "params.yaml")
_COMMIT = re.compile(r"[0-9a-f]{40}")


def save_run(root: Path, name: str, when: datetime) -> str | None:
    """Save the results in a folder as an experiment `<name>-<date>-<time>`.

    Args:
        name: of the profile.

    Returns:
        The experiment's name: an earlier one's where that has the same settings and results. None
        where there is no git.

    Raises:
        SmearflowError: git could not save it.
    """
    commit = revision(root)
    if commit is None:
        return None
    content = git(root, "hash-object", *_COMPARED).split()
    for earlier, ref, _ in _references(root):
        if content == _blobs(root, [f"{ref}:{file}" for file in _COMPARED]):
            return earlier
    new = f"{name}-{when:%Y%m%d-%H%M%S}"
    _name_experiment(root, commit, new)
    return new


def _name_experiment(root: Path, commit: str, name: str) -> None:
    """Commit what lies in a folder, beside all branches, under the reference of an experiment.

    As `dvc exp save` does; but that puts the files aside and moves HEAD for a moment, in which a
    kill, or a run in another folder that is saved too, takes a person's changes away.
    """
    with tempfile.TemporaryDirectory() as folder:
        own = {"GIT_INDEX_FILE": str(Path(folder) / "index"), "GIT_LITERAL_PATHSPECS": "1"}
        git(root, "read-tree", commit, environment=own)
        git(root, "add", "--update", environment=own)
        listed = ("--pathspec-from-file=-", "--pathspec-file-nul")
        git(root, "add", *listed, given="\0".join(untracked(root, own)), environment=own)
        tree = git(root, "write-tree", environment=own).strip()
    message = f"dvc: commit experiment {name}"
    saved = git(root, "commit-tree", tree, "-p", commit, "-m", message).strip()
    git(root, "update-ref", f"refs/exps/{commit[:2]}/{commit[2:]}/{name}", saved)


def _references(root: Path) -> Iterator[tuple[str, str, str]]:
    """Name, git reference and commit below of every experiment with results, the latest first."""
    form = "--format=%(refname)"
    refs = git(root, "for-each-ref", "--sort=-committerdate", form, "refs/exps/").split()
    for ref, lock in zip(refs, _blobs(root, [f"{ref}:dvc.lock" for ref in refs]), strict=True):
        _, _, *commit, name = ref.split("/")  # refs/exps/<2 digits>/<the other 38>/<name>
        if _COMMIT.fullmatch("".join(commit)) and lock:  # whoever pushes names references
            yield name, ref, "".join(commit)


def _blobs(root: Path, objects: Sequence[str]) -> list[str | None]:
    """Git's hashes of files, named as `<revision>:<path>`; None where there is no such file."""
    if not objects:
        return []
    told = git(root, "cat-file", "--batch-check=%(objectname)", given="\n".join(objects))
    return [None if line.endswith(" missing") else line for line in told.splitlines()]


def reference_of(project: Path, name: str) -> str:
    """The git reference of a saved run.

    Raises:
        SmearflowError: there is no such run, or no git.
    """
    require_git(project, "a saved run")
    found = {saved: ref for saved, ref, _ in _references(project)}
    if name not in found:
        raise SmearflowError(
            f"RUN={name} is neither a folder nor a saved run", "name one that `make runs` lists"
        )
    return found[name]


def restore_run(project: Path, root: Path, reference: str) -> None:
    """Bring a saved run into a worktree: code, settings and results as they were.

    Raises:
        SmearflowError: its results are neither in DVC's cache nor in its remote.
    """
    add_worktree(project, root, "--detach", reference)
    git(root, "checkout", "--quiet", "--force", "--detach", reference)
    git(root, "clean", "--quiet", "--force", "-d")  # what another run left is no part of it
    share_store(project, root)
    fetch_outputs(root)


def fetch_outputs(folder: Path, *targets: str) -> None:
    """Bring outputs into a folder, out of DVC's cache or else of its remote.

    Raises:
        SmearflowError: they are in neither.
    """
    try:
        dvc(folder, "checkout", "--force", "--", *targets)
    except SmearflowError:  # some of it is not in the cache
        dvc(folder, "pull", "--force", "--", *targets)


def dvc(folder: Path, *arguments: str) -> str:
    """What a DVC command printed on standard output.

    Raises:
        SmearflowError: it failed; in DVC's own words.
    """
    done = subprocess.run(
        [sys.executable, "-m", "dvc", *arguments],
        cwd=folder,
        env=tool_environment() | author(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SmearflowError(
            f"dvc {' '.join(arguments[:2])} failed in {folder}: {_reason(done.stderr)}",
            "put that right and run again",
        )
    return done.stdout


def _reason(said: str) -> str:
    """DVC's last error in one line, which may name what it is about in the lines below."""
    _, found, told = said.rpartition("ERROR: ")
    first, *below = told.strip().splitlines() if found else ["it gave no reason"]
    return " ".join([first, *map(str.strip, below[:1])]) if first.endswith(":") else first


@dataclass(frozen=True)
class SavedRun:
    """A row of the table of runs.

    Attributes:
        name: of the experiment.
        created: when it was saved.
        values: metrics and parameters by the last part of their file and their dotted key.
    """

    name: str
    created: datetime
    values: Mapping[str, Any]


COLUMNS: Mapping[str, tuple[str, str]] = {
    # nothing of the test side: a table invites to choose by it
    "accuracy": ("outputs/train/metrics.json", "accuracy"),
    "sensitivity": ("outputs/train/metrics.json", "sensitivity"),
    "specificity": ("outputs/train/metrics.json", "specificity"),
    "ROC AUC": ("outputs/train/metrics.json", "roc_auc"),
    "search loss": ("outputs/tune/metrics.json", "val_loss"),
    "pixels": ("params.yaml", "split.image_size"),
    "learning rate": ("outputs/train/metrics.json", "learning_rate"),
    "edge MB": ("outputs/export/metrics.json", "megabytes"),
    "edge agrees": ("outputs/export/metrics.json", "agreement"),
}


def saved_runs(project: Path) -> list[SavedRun]:
    """Every saved run of every commit, the latest first."""
    commits = {commit for _, _, commit in _references(project)}
    if not commits:
        return []
    # only the commits that have runs: to look at every commit of a history takes minutes
    revisions = [word for commit in sorted(commits) for word in ("--rev", commit)]
    shown = json.loads(dvc(project, "exp", "show", "--json", "--no-pager", *revisions))
    runs = {
        each["name"]: _row(each["name"], each["revs"][0]["data"])
        for commit in shown
        for each in commit["experiments"] or []
        if each["revs"] and each["revs"][0]["data"]
    }
    return sorted(runs.values(), key=lambda run: run.created, reverse=True)


def _row(name: str, data: Mapping[str, Any]) -> SavedRun:
    files = {**data["metrics"], **data["params"]}
    values = {}
    for column, (file, key) in COLUMNS.items():
        found = files.get(file, {}).get("data") or {}
        for part in key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        values[column] = found
    return SavedRun(name, datetime.fromisoformat(data["timestamp"]), values)
