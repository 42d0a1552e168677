"""A finished run against the model in use, with the real git and DVC."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import promotion
from flows.decisions import open_registry
from flows.experiments import save_run
from flows.promotion import challenge, finished, promote_run
from flows.worktrees import held, prepare_worktree
from smearflow.ground.errors import SmearflowError
from smearflow.records.figures import Estimates, Figures
from smearflow.release.registry import Champion
from tests.flows.small import looks, model_of, run_small, save_small, set_seed
from tests.stages.project import tree
from tests.wording import numbers

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small clone that promotions work on; a model's figures are the same on all test cells."""

    def figures(champion: Champion, _root: Path) -> Estimates:
        return Figures.read_from(champion.folder / "evaluate").edge

    monkeypatch.setattr(promotion, "PROJECT", small)
    monkeypatch.setattr(promotion, "rescore", figures)
    monkeypatch.setattr(promotion, "METRICS", ("accuracy", "sensitivity"))
    return small


def model_in_use(project: Path, profile: str = "toy") -> str | None:
    """The seed of its run."""
    champion = open_registry(project).champion(profile)
    return None if champion is None else champion.card.model_sha256.lstrip("0")


def test_the_first_model_is_in_use_a_worse_one_is_not_a_better_one_is(project: Path) -> None:
    run_small(project, 4)
    first = challenge("toy", project)
    assert (model_in_use(project), first.comparison) == ("4", "")
    run_small(project, 1)
    before = tree(project / "registry/toy")
    worse = challenge("toy", project)
    assert "sensitivity" in worse.decision
    assert numbers(worse.decision)[-2:] == [0.51, 0.54]
    assert tree(project / "registry/toy") == before
    assert "0.540 (0.440–0.640)  0.510 (0.410–0.610)" in worse.comparison
    run_small(project, 5)
    better = challenge("toy", project)
    assert model_in_use(project) == "5"
    assert "accuracy" in better.decision
    assert numbers(better.decision)[-3:] == [0.55, 0.54, 0.53]
    assert looks(open_registry(project)) == ["4", "1", "5"]


def test_every_look_of_a_challenge_counts(project: Path) -> None:
    """The champion is judged on another test set than its own: that is a look, too."""
    challenge("toy", project)
    evaluate = project / "stages/evaluate.py"
    evaluate.write_text(evaluate.read_text().replace("the test set", "another one"))
    run_small(project, 2)
    challenge("toy", project)
    assert looks(open_registry(project)) == ["1", "2", "1"]


def test_a_person_promotes_a_saved_run_or_a_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save_small(project, 3, WHEN)
    run_small(project, 1)
    promote_run(saved, None)
    assert model_in_use(project) == "3"
    assert model_of(project).endswith("01")
    promote_run(str(project), "toy")  # worse: the other stays
    promote_run(str(project), None)
    assert (model_in_use(project), model_in_use(project, "sample")) == ("3", "1")
    root = project / "runs/toy-retraining"
    prepare_worktree(project, root)
    run_small(root, 5)
    monkeypatch.chdir(project)
    assert " takes the place of " in promote_run("runs/toy-retraining", None).decision
    assert model_in_use(project) == "5"


def test_the_profile_of_a_run_is_told_by_its_name(project: Path) -> None:
    (project / "profiles/toy-deep.yaml").write_bytes((project / "profiles/toy.yaml").read_bytes())
    found: dict[str, str | None] = {}
    for name in ("toy", "toy-retraining", "toy-deep", "toys", "sample"):
        set_seed(project, 1, monitor={"least_cells": 10 + len(found)})
        saved = save_run(project, name, WHEN)
        assert saved is not None
        with finished(saved) as (profile, root):
            found[name] = profile
            assert root == project / "runs/promotion"
    assert found == {
        "toy": "toy",
        "toy-retraining": "toy",
        "toy-deep": "toy-deep",
        "toys": None,
        "sample": "sample",
    }


@pytest.mark.parametrize(
    ("run", "profile", "message"),
    [
        ("", None, "no run is named; name one: make promote RUN="),
        ("nobody", None, "RUN=nobody is neither a folder nor a saved run; name one that "),
        (".", None, "{project} has not been evaluated; finish that run, then promote it"),
        (".", "nobody", "there is no profile nobody; choose one of: sample"),
        ("runs/other", None, "runs/other does not tell whose model it becomes; name it: "),
    ],
)
def test_what_cannot_be_promoted_is_one_line(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: str,
    profile: str | None,
    message: str,
) -> None:
    (project / "outputs/evaluate/metrics.json").unlink()
    (project / "runs/other").mkdir(parents=True)
    monkeypatch.chdir(project)
    with pytest.raises(SmearflowError) as ended:
        promote_run(run, profile)
    assert str(ended.value).startswith(message.format(project=project))
    assert "\n" not in str(ended.value)
    assert model_in_use(project) is None


def test_a_run_that_still_works_is_not_promoted(project: Path) -> None:
    def promote() -> None:
        with finished(str(project)) as (_, root):
            challenge("sample", root)

    with held(project, project), pytest.raises(SmearflowError, match=r"is busy"):
        promote()
    assert model_in_use(project, "sample") is None
