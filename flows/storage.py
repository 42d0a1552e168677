"""Room on this machine: is there enough for a run, and what can be freed without a loss."""

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from flows import RUNS
from flows.experiments import dvc
from flows.git import git, revision
from flows.looks import record_looks
from flows.store import cache_of
from flows.worktrees import held
from smearflow.ground.errors import SmearflowError

# Of a run, measured: originals, packed pixels, features of the frozen backbone and their copies in
# the cache take about this many times what the cells take; models, logs and pages come on top.
TIMES_THE_CELLS, AND_BYTES = 4, 10**9
BYTES_PER_WORKER, BYTES_OF_A_STAGE = 900 * 10**6, 1500 * 10**6


def check_room(root: Path, cells: int, workers: int) -> None:
    """Look whether a run will find disk and memory enough.

    Args:
        root: where it will work.
        cells: bytes that its cells take; 0 where that is not known yet.
        workers: processes that train at the same time.

    Raises:
        SmearflowError: it will not; names what is there and what is needed.
    """
    free, needed = shutil.disk_usage(root).free, TIMES_THE_CELLS * cells + AND_BYTES
    if free < needed:
        raise SmearflowError(
            f"{root} has {_gigabytes(free)} of free disk, a run needs about {_gigabytes(needed)}",
            "make room, as by `make clean-cache`",
        )
    memory, wanted = _available_memory(), workers * BYTES_PER_WORKER + BYTES_OF_A_STAGE
    if memory is not None and memory < wanted:
        raise SmearflowError(
            f"{_gigabytes(memory)} of memory are free, {workers} workers need about "
            f"{_gigabytes(wanted)}",
            "end other programs, or run fewer workers: SET=engine.workers=1",
        )


def _available_memory() -> int | None:
    """Bytes; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(found[0]) if found else None


def clean_cache(project: Path) -> list[str]:
    """Free what neither a folder, a saved run of any commit, nor the registry needs.

    A bare `dvc gc` would take what only worktrees and the registry name. Looks of which the figures
    are freed are on record before.

    Returns:
        Lines that tell what is kept and what was freed.

    Raises:
        SmearflowError: a run works in one of the folders, or DVC could not tell what is needed.
    """
    record_looks(project)
    cache = cache_of(project)
    kept = _projects(project)
    before = _size(cache)
    saved = ["--all-commits", "--all-experiments"] if revision(project) else []
    others = ["--projects", *map(str, kept)] if kept else []
    with ExitStack() as idle:  # what a run has just put into the cache is named nowhere yet
        for folder in (project, *kept):
            idle.enter_context(held(project, folder))
        dvc(project, "gc", "--force", "--workspace", *saved, *others)
    freed = before - _size(cache)
    return [
        f"kept: this folder{', saved runs of all commits' if saved else ''}",
        *(f"kept: what {folder.relative_to(project)} uses" for folder in kept),
        f"freed {_gigabytes(freed)} of {_gigabytes(before)} in {cache}",
    ]


def _projects(project: Path) -> Sequence[Path]:
    """The other folders that use the project's cache: worktrees and the registry."""
    if revision(project) is None:
        return ()
    git(project, "worktree", "prune")
    runs = project / RUNS
    places = [*(sorted(runs.iterdir()) if runs.is_dir() else ()), project / "registry"]
    return [place for place in places if (place / ".dvc").is_dir()]


def _size(folder: Path) -> int:
    return sum(
        os.lstat(Path(where) / name).st_size
        for where, _, names in os.walk(folder)
        for name in names
    )


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB"
