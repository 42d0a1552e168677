"""Room for a run, and what a clean-up frees; with the real DVC."""

import shutil
from collections import namedtuple
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.decisions import cells_at_hand, decisions, open_registry
from flows.experiments import save_run
from flows.looks import evaluations
from flows.storage import check_room, clean_cache
from flows.store import cache_of
from flows.worktrees import held, prepare_worktree
from smearflow.ground.errors import SmearflowError
from tests.commands import dvc
from tests.flows.small import looks, model_of, run_small, save_small
from tests.release.runs import promote

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)
GB = 10**9
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """10 GB of free disk and 4 GB of free memory."""
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage(100 * GB, 90 * GB, 10 * GB))
    monkeypatch.setattr("flows.storage._available_memory", lambda: 4 * GB)


@pytest.mark.usefixtures("machine")
def test_a_run_that_finds_room_may_start(tmp_path: Path) -> None:
    check_room(tmp_path, cells=2 * GB, workers=2)


@pytest.mark.usefixtures("machine")
def test_too_little_disk_is_said_before_a_run_starts(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match=r"10\.00 GB of free disk.* about 13\.00 GB; make"):
        check_room(tmp_path, cells=3 * GB, workers=2)


@pytest.mark.usefixtures("machine")
def test_too_little_memory_is_said_before_a_run_starts(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match=r"4\.00 GB of memory.* 3 workers .* 4\.20 GB; end"):
        check_room(tmp_path, cells=0, workers=3)


@pytest.mark.usefixtures("machine")
def test_a_system_that_does_not_tell_its_memory_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.storage._available_memory", lambda: None)
    check_room(tmp_path, cells=0, workers=99)


def test_a_clean_up_keeps_what_is_needed_and_frees_the_rest(small: Path) -> None:
    saved = save_small(small, 2, WHEN)
    run_small(small, 3)  # neither saved nor promoted
    with decisions(small, "a promotion") as registry:
        run_small(small, 4)
        champion = promote(registry, "toy", small, "tried", WHEN)
    worktree = small / "runs/toy"
    prepare_worktree(small, worktree)
    run_small(worktree, 5)
    run_small(small, 1)
    told = clean_cache(small)
    assert told[:3] == [
        "kept: this folder, saved runs of all commits",
        "kept: what runs/toy uses",
        "kept: what registry uses",
    ]
    assert told[3].startswith("freed 0.00 GB of ")
    left = {look.model_sha256.lstrip("0") for _, look in evaluations(cache_of(small))}
    assert left == {"1", "2", "5"}
    assert sorted(looks(open_registry(small))) == ["1", "2", "3", "4", "5"]
    dvc(small, "exp", "apply", saved)
    assert model_of(small).endswith("02")
    shutil.rmtree(champion.folder)
    assert list(cells_at_hand(small, champion)) == ["nih"]
    shutil.rmtree(worktree / "outputs")
    dvc(worktree, "checkout", "--quiet")
    assert model_of(worktree).endswith("05")


def test_no_clean_up_while_a_run_works(small: Path) -> None:
    worktree = small / "runs/toy"
    prepare_worktree(small, worktree)
    run_small(worktree, 5)
    for folder in (small, worktree):
        with (
            held(small, folder),
            pytest.raises(SmearflowError, match=rf"folder {folder} is busy"),
        ):
            clean_cache(small)


def test_without_git_a_clean_up_keeps_this_folder(small: Path) -> None:
    shutil.rmtree(small / ".git")
    dvc(small, "config", "--local", "core.no_scm", "true")
    run_small(small, 2)
    assert save_run(small, "toy", WHEN) is None
    assert clean_cache(small)[0] == "kept: this folder"
    shutil.rmtree(small / "outputs")
    dvc(small, "checkout", "--quiet")
    assert model_of(small).endswith("02")
    left = {look.model_sha256.lstrip("0") for _, look in evaluations(cache_of(small))}
    assert left == {"2"}
