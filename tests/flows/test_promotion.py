"""A finished run against the model in use, with the real git and DVC."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from flows import challenge as challenge_
from flows import promotion
from flows.challenge import Contest, challenge
from flows.decisions import open_registry
from flows.experiments import save_run
from flows.promotion import approve, decided, finished, promote_run, rollback
from flows.worktrees import held, prepare_worktree
from smearflow.assessment.paired import Scores
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import Params
from smearflow.records.contest import Comparison, Trial
from smearflow.records.figures import Difference
from smearflow.release.contest import Rival
from smearflow.release.folder import Champion, Release
from smearflow.release.promotion import HELD
from tests.commands import git
from tests.flows.small import looks, model_of, run_small, save_small, set_seed
from tests.stages.project import tree
from tests.wording import numbers

WHEN = datetime(2030, 5, 1, 12, 30, tzinfo=UTC)


def _rival(champion: Champion, _root: Path) -> Rival:
    scores = Scores(np.array([float(champion.card.model_sha256)]), 0.5)
    return Rival(champion.model_id, scores, np.array([True]))


def _differences(
    release: Release,
    rivals: Sequence[Rival],
    _root: Path,
    first: str,
    _settings: Params,
    new: frozenset[str],
) -> list[Comparison]:
    """A model is as good as its seed is high, a hundredth each; one of seed 9 is hard to tell."""
    seed = int(release.card.model_sha256)
    found = []
    for number, rival in enumerate(reversed(rivals)):
        value, half = (seed - rival.scores.probabilities[0]) / 100, 0.1 if seed == 9 else 0.005
        difference = Difference(
            value=value, low=value - half, high=value + half, at_least=value - half
        )
        found.append(
            Comparison(
                rival=rival.model_id,
                standing="floor" if number else "champion",
                site=first if number else None,
                patients=20,
                cells=400,
                needed=True,
                new=bool(new),
                differences=dict.fromkeys(HELD, difference),
            )
        )
    return found


@pytest.fixture
def project(small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small clone that promotions work on; its models answer no cells, their seeds tell."""
    trial = Trial(cells=50, load_seconds=0.1, p95_ms=1.0, peak_bytes=10**8, file_bytes=9)
    for module in (challenge_, promotion):
        monkeypatch.setattr(module, "PROJECT", small)
    monkeypatch.setattr(challenge_, "rival_of", _rival)
    monkeypatch.setattr(challenge_, "compare_models", _differences)
    monkeypatch.setattr(challenge_, "try_out", lambda *_: trial)
    return small


@pytest.fixture
def plain(project: Path) -> Path:
    """The same without git and DVC, which take most of the time."""
    shutil.rmtree(project / ".git")
    return project


def run_plain(project: Path, *seeds: int) -> Contest:
    """Challenge the model in use with a run of each seed, without DVC; what the last came to."""
    for seed in seeds:
        set_seed(project, seed)
        command = [sys.executable, "-m", "stages.evaluate"]
        subprocess.run(command, cwd=project, check=True)
        found = challenge("toy", project)
    return found


def model_in_use(project: Path, profile: str = "toy") -> str | None:
    """The seed of its run."""
    champion = open_registry(project).champion(profile)
    return None if champion is None else champion.card.model_sha256.lstrip("0")


def history(project: Path) -> list[dict[str, Any]]:
    return open_registry(project).history("toy")


def test_the_first_model_is_in_use_a_worse_one_is_not_a_better_one_is(project: Path) -> None:
    run_small(project, 4)
    first = challenge("toy", project)
    assert (model_in_use(project), first.comparison) == ("4", "")
    run_small(project, 1)
    worse = challenge("toy", project)
    assert " stays, " in worse.decision
    assert numbers(worse.decision)[-3:] == [-0.03, -0.035, -0.02]
    assert model_in_use(project) == "4"
    assert "-0.030 (-0.035 to -0.025)" in worse.comparison
    run_small(project, 5)
    better = challenge("toy", project)
    assert model_in_use(project) == "5"
    assert numbers(better.decision)[-2:] == [0.01, 0.005]
    assert looks(open_registry(project)) == ["4", "1", "5"]
    assert [line["event"] for line in history(project)] == ["promoted", "rejected", "promoted"]
    assert "is in use already" in challenge("toy", project).decision
    assert len(history(project)) == 3


def test_three_steps_down(plain: Path) -> None:
    """Of a hundredth each, half the margin: the second is too far below the best."""
    told = run_plain(plain, 4, 3, 2, 1).decision
    assert model_in_use(plain) == "3"
    assert [line["event"] for line in history(plain)] == ["promoted"] * 2 + ["rejected"] * 2
    assert "once in use" in told


def test_history_tells_who_what_why_by_which_figures_and_revisions(project: Path) -> None:
    git(project, "config", "user.name", "Ada")
    for seed in (4, 1):
        run_small(project, seed)
        challenge("toy", project)
    first, last = history(project)
    assert (first["instead_of"], last["instead_of"]) == (None, first["model_id"])
    assert (last["by"], last["event"]) == ("Ada", "rejected")
    assert "accuracy -0.03" in last["reason"]
    assert last["comparisons"][0]["differences"]["accuracy"]["value"] == pytest.approx(-0.03)
    assert last["trial"]["cells"] == 50
    assert last["rule"]["margin"] == 0.02
    assert last["code"] == last["decided_by_code"] == git(project, "rev-parse", "HEAD").strip()
    assert list(last["data"]) == ["nih"]
    kept = project / "registry/toy/models" / last["model_id"]
    assert (kept / "card.html").is_file()
    assert kept.with_name(f"{kept.name}.dvc").is_file()


def test_a_person_decides_where_the_rule_can_not(plain: Path) -> None:
    run_plain(plain, 4)
    told = run_plain(plain, 9).decision
    model_id = history(plain)[-1]["model_id"]
    assert f"smearflow approve {model_id} --profile toy --by NAME --reason TEXT" in told
    assert (model_in_use(plain), history(plain)[-1]["event"]) == ("4", "undecided")
    with pytest.raises(SmearflowError, match="nobody decides"):
        approve("toy", model_id, "", "it is seen to be better")
    assert "Ada" in approve("toy", model_id, "Ada", "it is seen to be better")
    assert model_in_use(plain) == "9"
    line = history(plain)[-1]
    assert (line["event"], line["by"]) == ("approved", "Ada")
    assert line["decided_before"]["comparisons"]
    with pytest.raises(SmearflowError, match=f"{model_id} is approved: "):
        approve("toy", model_id, "Ada", "again")
    with pytest.raises(SmearflowError, match="nobody is not known: "):
        approve("toy", "nobody", "Ada", "it is there")


def test_what_was_undecided_against_another_model_is_challenged_again(plain: Path) -> None:
    run_plain(plain, 4, 9, 5)
    undecided = history(plain)[-2]["model_id"]
    with pytest.raises(SmearflowError, match="has come into use meanwhile"):
        approve("toy", undecided, "Ada", "late")
    assert model_in_use(plain) == "5"


def test_a_rejected_one_is_not_approved(plain: Path) -> None:
    run_plain(plain, 4, 1)
    with pytest.raises(SmearflowError, match="is rejected: "):
        approve("toy", history(plain)[-1]["model_id"], "Ada", "I like it")


def test_a_person_may_have_to_approve_each_promotion_but_the_first(plain: Path) -> None:
    file = plain / "profiles/toy.yaml"
    file.write_text(file.read_text().replace("approval: false", "approval: true"))
    run_plain(plain, 4, 5)
    assert (model_in_use(plain), history(plain)[-1]["event"]) == ("4", "undecided")
    approve("toy", history(plain)[-1]["model_id"], "Ada", "better")
    assert model_in_use(plain) == "5"


def test_a_model_in_use_that_can_not_be_read_leaves_it_to_a_person(
    plain: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_plain(plain, 4)
    champion = open_registry(plain).champion("toy")
    assert champion is not None
    edge = champion.export / "edge.json"
    edge.chmod(0o644)
    edge.write_text(edge.read_text() + " ")
    told = run_plain(plain, 5).decision
    assert f"{edge} is missing or not the file" in told
    assert f"{edge} is missing or not the file" in capsys.readouterr().out
    assert history(plain)[-1]["event"] == "undecided"
    approve("toy", history(plain)[-1]["model_id"], "Ada", "the other is broken")
    assert model_in_use(plain) == "5"
    run_plain(plain, 6)  # the broken one is no floor, and that is on record
    assert (model_in_use(plain), history(plain)[-1]["event"]) == ("6", "promoted")
    assert len(history(plain)[-1]["unreadable"]) == 1


def test_a_release_that_does_not_start_is_rejected(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Trial:
        raise SmearflowError("it was started and failed", "export it again")

    monkeypatch.setattr(challenge_, "try_out", fails)
    assert "no model is in use" in challenge("toy", plain).decision
    assert model_in_use(plain) is None
    assert history(plain)[-1]["event"] == "rejected"


def test_a_rollback_is_byte_for_byte_and_committed(project: Path) -> None:
    for seed in (4, 5):
        run_small(project, seed)
        challenge("toy", project)
    first, second = (line["model_id"] for line in history(project))
    models = project / "registry/toy/models"
    before = tree(models / first)
    shutil.rmtree(models / first)  # DVC brings it back
    assert f"{first} is in use again" in rollback("toy", None, None, "worse on our cells")
    assert (model_in_use(project), tree(models / first)) == ("4", before)
    line = history(project)[-1]
    assert (line["event"], line["reason"]) == ("rolled back", "worse on our cells")
    with pytest.raises(SmearflowError, match="toy has no earlier champion"):
        rollback("toy", None, None, None)
    rollback("toy", second, "Ada", None)
    assert model_in_use(project) == "5"
    last = decided("toy").splitlines()[-1].split()
    assert last[2:7] == ["rolled", "back", second, first, "Ada"]
    assert git(project / "registry", "status", "--porcelain") == ""


def test_no_rollback_to_what_is_damaged(plain: Path) -> None:
    run_plain(plain, 4, 5)
    card = plain / "registry/toy/models" / history(plain)[0]["model_id"] / "card.json"
    card.chmod(0o644)
    card.write_text(card.read_text() + " ")
    with pytest.raises(SmearflowError, match=f"{card} is missing or not the file"):
        rollback("toy", None, None, None)
    assert model_in_use(plain) == "5"


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


def test_a_site_is_new_until_a_champion_has_learned_from_it(plain: Path) -> None:
    """Whatever its labels are by then: another hash of the same site is no new one."""

    def run_with(source: str, seed: int) -> bool:
        ingest = YAML(typ="safe").load(plain / "params.yaml")["ingest"]
        first = ingest["sources"][0]
        set_seed(plain, seed, ingest={"sources": [first, first | {"name": source}]})
        run_plain(plain, seed)
        return bool(history(plain)[-1]["comparisons"][0]["new"])

    run_plain(plain, 4)
    assert run_with("labelled-second-0123abcd", 5)
    assert not run_with("labelled-second-dcba3210", 6)
    assert run_with("labelled-third-0123abcd", 7)
