"""Finished runs as DVC experiments, with the real git and DVC."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.experiments import reference_of, restore_run, save_run, saved_runs
from flows.git import git
from flows.worktrees import prepare_worktree
from smearflow.ground.errors import SmearflowError
from tests.commands import dvc
from tests.flows.small import commit, model_of, run_small, save_small, seed_of, set_seed
from tests.stages.project import tree

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)
LATER = WHEN + timedelta(days=1)


def test_a_run_is_saved_once_under_profile_date_and_time(small: Path) -> None:
    before = tree(small / "outputs")
    assert save_run(small, "toy", WHEN) == "toy-20300501-123000"
    assert tree(small / "outputs") == before
    assert save_run(small, "toy", LATER) == "toy-20300501-123000"
    assert save_small(small, 2, LATER) == "toy-20300502-123000"
    assert save_small(small, 1, LATER) == "toy-20300501-123000"
    assert len(git(small, "for-each-ref", "refs/exps/??/").split("\n")) <= 4
    listed = dvc(small, "exp", "list", "--name-only").split()
    assert sorted(listed) == ["toy-20300501-123000", "toy-20300502-123000"]


def test_other_settings_make_another_run_though_the_results_are_the_same(small: Path) -> None:
    first = save_run(small, "toy", WHEN)
    set_seed(small, 1, monitor={"least_cells": 11})
    assert save_run(small, "toy", LATER) != first


def test_a_worktree_saves_into_the_clone_and_nothing_twice(small: Path) -> None:
    root = small / "runs/toy"
    prepare_worktree(small, root)
    shutil.copy2(small / "params.yaml", root / "params.yaml")
    dvc(root, "repro", "--quiet")
    first = save_run(small, "toy", WHEN)
    assert save_run(root, "toy", LATER) == first
    second = save_small(root, 2, LATER)
    assert {run.name for run in saved_runs(small)} == {first, second}
    assert git(small, "status", "--porcelain").strip() == "?? dvc.lock"


def test_the_table_has_every_run_of_every_commit_and_nothing_of_the_test_side(small: Path) -> None:
    assert saved_runs(small) == []
    first = save_small(small, 1, WHEN, "sample")
    (small / "notes.txt").write_text("another commit")
    commit(small)
    second = save_small(small, 2, LATER)
    runs = {run.name: run.values for run in saved_runs(small)}
    assert set(runs) == {first, second}
    assert runs[first]["accuracy"] == 0.51
    assert runs[second]["accuracy"] == 0.52
    assert runs[second]["edge MB"] == pytest.approx(0.2)
    assert runs[second]["pixels"] == 32
    assert runs[second]["sensitivity"] is None  # train did not write it


def test_a_restored_run_is_as_it_was(small: Path) -> None:
    (small / "smearflow.py").write_text("version = 1  # untracked\n")
    first, before = save_small(small, 1, WHEN), tree(small / "outputs")
    (small / "smearflow.py").write_text("version = 2\n")
    commit(small)
    second = save_small(small, 2, LATER)
    root = small / "runs/promotion"
    restore_run(small, root, reference_of(small, first))
    assert tree(root / "outputs") == before
    assert (seed_of(root), (root / "smearflow.py").read_text()[:11]) == (1, "version = 1")
    (root / "outputs/train/metrics.json").unlink()
    (root / "stray.py").write_text("import nothing\n")
    restore_run(small, root, reference_of(small, second))
    assert model_of(root).endswith("02")
    assert not (root / "stray.py").exists()
    assert (root / "smearflow.py").read_text()[:11] == "version = 2"
    assert model_of(small).endswith("02")


def test_a_run_whose_results_are_gone_is_fetched_or_said_to_be_gone(
    small: Path, tmp_path: Path
) -> None:
    name = save_small(small, 1, WHEN)
    dvc(small, "remote", "add", "--local", "--default", "store", str(tmp_path / "a store"))
    dvc(small, "push", "--quiet")
    shutil.rmtree(small / ".dvc/cache")
    root, reference = small / "runs/promotion", reference_of(small, name)
    restore_run(small, root, reference)
    assert model_of(root) == model_of(small)
    for place in (small / ".dvc/cache", tmp_path / "a store", root / "outputs"):
        shutil.rmtree(place)
    with pytest.raises(SmearflowError, match=r"dvc pull .*failed in .*promotion"):
        restore_run(small, root, reference)


def test_without_git_nothing_is_saved(small: Path) -> None:
    shutil.rmtree(small / ".git")
    assert save_run(small, "toy", WHEN) is None
    with pytest.raises(SmearflowError, match=r"a saved run needs git, and .* is no clone"):
        reference_of(small, "toy-20300501-123000")


def test_a_name_that_is_no_run_is_named(small: Path) -> None:
    with pytest.raises(SmearflowError, match=r"RUN=nobody is neither a folder nor a saved run"):
        reference_of(small, "nobody")


def test_git_needs_no_author(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv(f"GIT_{name}", raising=False)
    saved = save_run(small, "toy", WHEN)
    assert saved is not None
    reference = reference_of(small, saved)
    assert git(small, "log", "-1", "--format=%an %ae", reference).strip() == (
        "smearflow smearflow@localhost"
    )
    run_small(small, 2)
    assert model_of(small).endswith("02")
