"""Looks at test sets, by whatever command they were taken.

A stage that ran to its end is in DVC's run cache, whether a flow, `dvc repro` or `dvc exp run`
started it, here or in a worktree. So every distinct pair of test set and model that was ever
evaluated with this cache is found there, and put on record in the registry.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from flows.decisions import decisions
from flows.store import cache_of, finished_stages, folder_content
from smearflow.records.figures import Figures, Look
from smearflow.release.registry import Registry

_STAGE = f"stages.{Figures.STAGE}"
_OUTPUT = Figures.path(Path()).parent.as_posix()


def note_looks(project: Path, registry: Registry, of: Path | None = None) -> int:
    """Put every look that the project's DVC cache tells of on record; what is there stays.

    Args:
        of: folder of a run that has been evaluated.

    Returns:
        Which look at its test set that run's was; 0 if none is named.
    """
    found = sorted(evaluations(cache_of(project)), key=lambda each: each[0])
    if of is not None:
        found.append((datetime.now(UTC), Look.of(Figures.path(of))))
    number = 0
    for when, look in found:
        number = registry.note_look(look.test_sha256, look.model_sha256, when)
    return number if of is not None else 0


def evaluations(cache: Path) -> Iterator[tuple[datetime, Look]]:
    """The look of every evaluation that is in a cache, and when each was made."""
    for entry in finished_stages(cache):
        text = entry.read_text()
        if _STAGE not in text:
            continue
        for out in YAML(typ="safe").load(text).get("outs", []):
            if out["path"] == _OUTPUT and (look := _look(cache, out["md5"])):
                yield datetime.fromtimestamp(entry.stat().st_mtime, UTC), look


def _look(cache: Path, folder: str) -> Look | None:
    """That of a folder in the cache; None where a clean-up took its figures."""
    kept = folder_content(cache, folder).get(Figures.NAME)
    return Look.of(kept) if kept and kept.is_file() else None


def record_looks(project: Path) -> None:
    """Put every look that a clone or its worktrees took on record, and commit it."""
    with decisions(project, "Looks at test sets") as registry:
        note_looks(project, registry)
