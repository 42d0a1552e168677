"""Every look at a test set counts, whoever took it; with the real DVC and its cache."""

from datetime import UTC, datetime
from pathlib import Path

from flows.looks import evaluations, note_looks
from flows.store import cache_of
from flows.worktrees import prepare_worktree
from smearflow.release.registry import Registry
from tests.commands import dvc
from tests.flows.small import looks, run_small, set_seed


def test_looks_count_by_whatever_command_they_were_taken(small: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    assert note_looks(small, registry, of=small) == 1
    dvc(small, "exp", "run", "--quiet", "--temp", "--set-param", "train.seed=2")
    dvc(small, "exp", "run", "--quiet", "--set-param", "train.seed=3")
    worktree = small / "runs/toy"
    prepare_worktree(small, worktree)
    run_small(worktree, 4)
    run_small(small, 1)  # from the cache: nothing new was learnt
    assert note_looks(small, registry, of=worktree) == 4
    assert sorted(looks(registry)) == ["1", "2", "3", "4"]
    assert note_looks(small, registry) == 0
    assert note_looks(small, registry, of=small) == 1
    assert len(looks(registry)) == 4


def test_the_layout_of_dvcs_cache_is_as_expected(small: Path) -> None:
    """If DVC moves what it keeps, looks by `dvc repro` would go unseen: this test says so."""
    before = datetime.now(UTC).replace(microsecond=0)
    set_seed(small, 5)
    dvc(small, "repro", "--quiet")
    found = {look.model_sha256: when for when, look in evaluations(cache_of(small))}
    assert {model.lstrip("0") for model in found} == {"1", "5"}
    assert before <= found[f"{5:064}"] <= datetime.now(UTC)


def test_figures_that_were_freed_are_passed_over(small: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry")
    run_small(small, 2)
    dvc(small, "gc", "--workspace", "--force", "--quiet")
    assert note_looks(small, registry) == 0
    assert looks(registry) == ["2"]
