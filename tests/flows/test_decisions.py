"""Decisions on their own branch, with the real git and DVC."""

import json
import multiprocessing
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.decisions import (
    CELLS,
    cells_at_hand,
    commit_decisions,
    decisions,
    model_at_hand,
    open_registry,
    share_decisions,
)
from flows.experiments import save_run
from flows.git import git
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.release.folder import Champion
from smearflow.release.registry import Registry
from tests.commands import dvc
from tests.commands import git as as_person
from tests.flows.small import commit, looks, model_of, save_small, seed_of, set_seed
from tests.release.runs import promote as put_into_use
from tests.stages.project import tree

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)


def promote(project: Path, profile: str = "toy") -> Champion:
    """Make the run in a clone the champion, with a look at its test set."""
    with decisions(project, "a promotion") as registry:
        registry.note_look("the test set", model_of(project), WHEN)
        return put_into_use(registry, profile, project, "tried", WHEN)


def committed(project: Path) -> set[str]:
    """The files of the branch."""
    return set(git(project, "ls-tree", "-r", "--name-only", "registry").split())


def is_clean(project: Path) -> bool:
    return not git(project / "registry", "status", "--porcelain").strip()


def test_decisions_are_on_a_branch_of_their_own_and_models_are_dvcs(small: Path) -> None:
    champion = promote(small)
    model = f"toy/models/{champion.model_id}"
    assert {"looks.jsonl", "toy/champion.json", "toy/history.jsonl"} < committed(small)
    assert {f"{model}.dvc", f"{model}{CELLS}.dvc"} < committed(small)
    assert not any(name.startswith(f"{model}/") for name in committed(small))
    assert is_clean(small)
    assert git(small, "log", "-1", "--format=%s", "refs/heads/registry").strip() == "a promotion"
    assert git(small, "status", "--porcelain").strip() == "?? dvc.lock"
    assert "params.yaml" not in committed(small)


def test_nothing_new_makes_no_commit(small: Path) -> None:
    promote(small)
    before = git(small, "rev-parse", "registry")
    promote(small)
    open_registry(small)
    assert git(small, "rev-parse", "registry") == before


def test_an_older_run_and_another_branch_leave_decisions_as_they_are(small: Path) -> None:
    first = save_small(small, 1, WHEN)
    git(small, "branch", "before")
    save_small(small, 2, WHEN, "later")
    champion = promote(small)
    commit(small)
    before = tree(small / "registry")
    dvc(small, "exp", "apply", first)
    assert model_of(small).endswith("01")
    assert tree(small / "registry") == before
    as_person(small, "checkout", "--quiet", "--force", "before")
    registry = open_registry(small)
    assert tree(small / "registry") == before
    assert registry.champion("toy") == champion
    assert looks(registry) == ["2"]


def test_what_is_written_before_a_failure_is_committed(small: Path) -> None:
    def fails() -> None:
        with decisions(small, "half a promotion") as registry:
            put_into_use(registry, "toy", small, "tried", WHEN)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert "toy/champion.json" in committed(small)
    assert is_clean(small)


def test_a_kill_before_the_commit_is_made_good(small: Path) -> None:
    """Neither is a model added to git, nor is one left without DVC."""
    champion = put_into_use(open_registry(small), "toy", small, "tried", WHEN)
    open_registry(small)
    model = f"toy/models/{champion.model_id}"
    assert {f"{model}.dvc", f"{model}{CELLS}.dvc", "toy/champion.json"} < committed(small)
    assert not any(name.startswith(f"{model}/") for name in committed(small))


def earlier_registry(project: Path) -> Champion:
    """A plain folder, as an earlier version left it."""
    registry = Registry(project / "registry")
    registry.note_look("the test set", model_of(project), WHEN)
    return put_into_use(registry, "toy", project, "long ago", WHEN)


def test_a_folder_of_an_earlier_version_is_taken_over(small: Path) -> None:
    earlier = earlier_registry(small)
    before = tree(small / "registry")
    registry = open_registry(small)
    assert before.items() <= tree(small / "registry").items()
    assert registry.champion("toy") == earlier
    assert f"toy/models/{earlier.model_id}.dvc" in committed(small)
    assert is_clean(small)
    assert not (small / ".registry.earlier").exists()
    shutil.rmtree(earlier.folder)
    assert model_at_hand(small, earlier).look.test_sha256 == "the test set"


def test_a_take_over_that_was_killed_is_gone_on_with(small: Path) -> None:
    earlier = earlier_registry(small)
    before = tree(small / "registry")
    (small / "registry").rename(small / ".registry.earlier")
    (small / "registry").mkdir()
    assert open_registry(small).champion("toy") == earlier
    assert before.items() <= tree(small / "registry").items()
    assert not (small / ".registry.earlier").exists()


def test_half_a_worktree_is_made_whole(small: Path) -> None:
    champion = promote(small)
    before = committed(small)
    git_folder = Path((small / "registry/.git").read_text().removeprefix("gitdir: ").strip())
    (git_folder / "index").unlink()
    (small / "registry/toy/champion.json").unlink()
    assert open_registry(small).champion("toy") == champion
    assert committed(small) == before


def test_a_clone_that_was_moved_keeps_its_decisions(small: Path) -> None:
    model_id = promote(small).model_id
    moved = small.rename(small.with_name("moved"))
    champion = open_registry(moved).champion("toy")
    assert champion is not None
    assert champion.model_id == model_id
    shutil.rmtree(champion.folder)
    assert model_at_hand(moved, champion).export.is_dir()


def note_many(project: Path, first: int) -> None:
    """Ten looks, each committed."""
    for number in range(first, first + 10):
        with decisions(project, f"look {number}") as registry:
            registry.note_look("the test set", f"{number}", WHEN)


@pytest.mark.parametrize("start", [threading.Thread, multiprocessing.get_context("spawn").Process])
def test_decisions_made_at_once_are_all_committed(small: Path, start: Callable[..., Any]) -> None:
    workers = [start(target=note_many, args=(small, first)) for first in (100, 200)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    text = git(small, "show", "registry:looks.jsonl")
    found = sorted(int(json.loads(line)["model_sha256"]) for line in text.splitlines())
    assert found == [*range(100, 110), *range(200, 210)]
    assert is_clean(small)


@pytest.fixture
def shared(small: Path, tmp_path: Path) -> tuple[Path, Path, Champion]:
    """A clone of a bare origin, whose promotion was shared by hand; origin; the champion."""
    origin, store = tmp_path / "an origin.git", tmp_path / "a store"
    as_person(tmp_path, "clone", "--quiet", "--bare", str(small), str(origin))
    as_person(small, "remote", "add", "origin", str(origin))
    dvc(small, "remote", "add", "--default", "store", str(store))
    commit(small)
    champion = promote(small)
    git(small, "push", "--quiet", "origin", "main", "registry")
    dvc(small, "--cd", "registry", "push", "--quiet")
    return small, origin, champion


def colleague(origin: Path) -> Path:
    """A fresh clone."""
    clone = origin.with_name("a colleague")
    as_person(origin.parent, "clone", "--quiet", str(origin), str(clone))
    return clone


def test_a_colleague_finds_the_champion_its_model_and_its_cells(
    shared: tuple[Path, Path, Champion],
) -> None:
    project, origin, champion = shared
    clone = colleague(origin)
    found = open_registry(clone).champion("toy")
    assert found is not None
    assert (found.model_id, found.reason) == (champion.model_id, "tried")
    assert not found.folder.exists()
    assert tree(model_at_hand(clone, found).folder) == tree(champion.folder)
    archives = cells_at_hand(clone, found)
    assert list(archives) == ["nih"]
    assert archives["nih"].read_bytes() == (project / "outputs/ingest/raw/nih.zip").read_bytes()


def test_files_that_were_not_shared_are_said_to_be_missing(
    shared: tuple[Path, Path, Champion],
) -> None:
    _, origin, _ = shared
    shutil.rmtree(origin.with_name("a store"))
    clone = colleague(origin)
    found = open_registry(clone).champion("toy")
    assert found is not None
    with pytest.raises(SmearflowError, match=r"can't be fetched: .*; name the remote"):
        model_at_hand(clone, found)


def test_what_a_colleague_decided_is_taken_over_or_said_to_differ(
    shared: tuple[Path, Path, Champion], capfd: pytest.CaptureFixture[str]
) -> None:
    project, origin, _ = shared
    clone = colleague(origin)
    with decisions(clone, "a look") as registry:
        registry.note_look("the test set", "02", WHEN)
    git(clone, "push", "--quiet", "origin", "registry")
    git(project, "fetch", "--quiet")
    assert looks(open_registry(project)) == ["1", "2"]
    assert "warning" not in capfd.readouterr().out
    for place, model in ((clone, "03"), (project, "04")):
        with decisions(place, "a look") as registry:
            registry.note_look("the test set", model, WHEN)
    git(clone, "push", "--quiet", "origin", "registry")
    git(project, "fetch", "--quiet")
    assert looks(open_registry(project)) == ["1", "2", "4"]
    command = "git -C registry merge origin/registry"
    assert f"warning: decisions were made here and elsewhere: `{command}`" in (
        capfd.readouterr().out
    )
    as_person(project, *command.split()[1:], "--quiet", "--no-edit")
    assert sorted(looks(open_registry(project))) == ["1", "2", "3", "4"]
    assert "warning" not in capfd.readouterr().out


def test_leftovers_of_a_kill_do_not_stop_what_a_colleague_decided(
    shared: tuple[Path, Path, Champion], capfd: pytest.CaptureFixture[str]
) -> None:
    project, origin, _ = shared
    clone = colleague(origin)
    with decisions(clone, "a look") as registry:
        registry.note_look("the test set", "02", WHEN)
    git(clone, "push", "--quiet", "origin", "registry")
    Registry(project / "registry").note_look("the test set", "03", WHEN)  # killed after that
    git(project, "fetch", "--quiet")
    assert looks(open_registry(project)) == ["1", "3"]
    assert "decisions were made here and elsewhere" in capfd.readouterr().out


def test_sharing_is_asked_for_in_the_settings(
    shared: tuple[Path, Path, Champion], capfd: pytest.CaptureFixture[str]
) -> None:
    project, origin, _ = shared
    first = git(origin, "rev-parse", "registry")
    set_seed(project, 2)
    dvc(project, "repro", "--quiet")
    second = promote(project)
    share_decisions(project, load_params(project / "params.yaml").registry)
    printed = "to share it: git push origin registry && dvc --cd registry push\n"
    assert capfd.readouterr().out == printed
    assert git(origin, "rev-parse", "registry") == first
    set_seed(project, 2, registry={"share": True})
    share_decisions(project, load_params(project / "params.yaml").registry)
    clone = colleague(origin)
    found = open_registry(clone).champion("toy")
    assert found is not None
    assert tree(model_at_hand(clone, found).folder) == tree(second.folder)


def test_without_git_it_is_a_plain_folder(small: Path, capfd: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(small / ".git")
    champion = promote(small)
    share_decisions(small, load_params(small / "params.yaml").registry)
    assert capfd.readouterr().out == ""
    assert not (small / "registry/.git").exists()
    assert open_registry(small).champion("toy") == champion
    assert model_at_hand(small, champion) == champion
    assert cells_at_hand(small, champion) == {}
    commit_decisions(small, "nothing to commit into")
    shutil.rmtree(champion.folder)
    with pytest.raises(SmearflowError, match=r"are not here, and DVC does not know them"):
        model_at_hand(small, champion)


def test_the_models_outlive_a_run_that_is_saved_and_replaced(small: Path) -> None:
    champion = promote(small)
    save_run(small, "toy", WHEN)
    save_small(small, 2, WHEN, "later")
    shutil.rmtree(champion.folder)
    assert model_at_hand(small, champion).card.model_sha256.endswith("01")
    assert seed_of(small) == 2


def test_a_lock_that_a_killed_git_left_is_named(small: Path) -> None:
    open_registry(small)
    place = Path((small / "registry/.git").read_text().removeprefix("gitdir: ").strip())
    put_into_use(open_registry(small), "toy", small, "tried", WHEN)
    (place / "index.lock").touch()
    with pytest.raises(SmearflowError, match=r"index\.lock.*; .*remove that file"):
        commit_decisions(small, "a promotion")
    (place / "index.lock").unlink()
    assert open_registry(small).champion("toy") is not None
    assert "toy/champion.json" in committed(small)
