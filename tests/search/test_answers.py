import json
import math
from typing import Any

import pytest

from smearflow.errors import SmearflowError
from smearflow.search.answers import answer
from smearflow.search.plan import NOTHING_CHANGED
from tests.search.planted import TRUTHS, explored, planned
from tests.search.records import BASE, experiment, record, records, table

QUESTIONS = (
    "importance",
    "interactions",
    "bounds",
    "removable",
    "overfitting",
    "gradients",
    "convergence",
)


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    params, runs = planned()
    records = explored(TRUTHS[0], runs, 100)
    return answer(params.explore.experiments, records, params.model.configuration)


def test_every_question_has_an_answer_of_a_few_sentences(answers: dict[str, Any]) -> None:
    for name in QUESTIONS:
        assert answers[name]["question"].endswith("?")
        assert answers[name]["answer"].endswith(".")
        assert answers[name]["answer"].count(". ") < 4
    assert json.loads(json.dumps(answers, allow_nan=False)) == answers


def test_the_answers_name_what_was_planted(answers: dict[str, Any]) -> None:
    assert answers["importance"]["answer"].startswith("Learning rate moves it most: ")
    assert (
        "Learning rate and hidden activation: the best value of one depends on the other"
        in (answers["interactions"]["answer"])
    )
    assert "which moves out: hidden units" in answers["bounds"]["answer"]
    assert answers["planned"] == answers["runs"] == len(planned()[1])
    assert f"{answers['diverged']} of {answers['planned']} runs" in answers["gradients"]["answer"]
    names = [each["name"] for each in answers["comparisons"]]
    assert names == [
        "optimizer",
        "depth",
        "augmentation",
        "regularisation",
        "clipping",
        "ablation",
    ]


def test_missing_runs_make_answers_partial() -> None:
    params, runs = planned()
    cut = explored(TRUTHS[0], runs, 100)[:40]
    found = answer(params.explore.experiments, cut, params.model.configuration)
    assert f"Partial: 40 of {found['planned']} runs are there." in found["importance"]["answer"]
    by_name = {each["name"]: each["answer"] for each in found["comparisons"]}
    assert "Partial" not in by_name["optimizer"]
    assert by_name["regularisation"].endswith("runs are there.")
    assert "Cannot be told: without symmetries" in found["removable"]["answer"]


def test_an_exploration_of_which_all_diverged_has_no_answers() -> None:
    runs = records([experiment()], lambda *_: None)
    with pytest.raises(SmearflowError, match="all 8 runs of the exploration diverged; lower"):
        answer([experiment()], runs, BASE)
    with pytest.raises(SmearflowError, match="no run was explored"):
        answer([experiment()], [], BASE)


def test_a_few_runs_are_answered_as_far_as_they_go() -> None:
    found = answer([experiment()], records([experiment()], lambda *_: 0.2)[:2], BASE)
    assert found["importance"]["answer"].startswith("No answer: too few runs")
    assert found["bounds"]["parameters"] == []
    assert found["overfitting"]["share"] == 0


@pytest.mark.parametrize(
    ("changed", "phrase", "removable"),
    [
        ([0.101, 0.122], "No detectable loss without symmetries;", True),
        ([0.05, 0.06], "No detectable loss without symmetries;", True),
        ([0.50, 0.52], "Worse for sure: without symmetries.", False),
        ([None, None], "Worse for sure: without symmetries.", False),
        ([None, 0.1], "Worse for sure: without symmetries.", False),
    ],
)
def test_what_can_be_removed(changed: list[float | None], phrase: str, removable: bool) -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses: dict[tuple[bool], list[float | None]] = {(True,): [0.10, 0.12], (False,): changed}
    found = answer([ablation], records([ablation], table(losses, "augment")), BASE)["removable"]
    assert phrase in found["answer"]
    [row] = found["rows"]
    assert row["removable"] is removable
    assert row["name"] != NOTHING_CHANGED


def test_an_ablation_that_changes_no_curve_tested_nothing() -> None:
    removed = {"without symmetries": {"augment": False}, "without a fall": {"plateau_patience": 99}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses = {(True,): [0.10, 0.12], (False,): [0.101, 0.122]}
    runs = records([ablation], table(losses, "augment"))
    found = answer([ablation], runs, BASE)["removable"]
    assert [row["exercised"] for row in found["rows"]] == [True, False]
    assert found["rows"][1]["removable"] is None
    assert found["answer"].startswith("No detectable loss without symmetries; ")
    assert found["answer"].endswith("Not exercised, as no curve changed: without a fall.")


def test_an_ablation_of_what_matters_is_not_called_harmless() -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    varied = {"dropout": {"low": 0.0, "high": 0.6}, "augment": [True, False]}
    question = experiment(scientific=varied, nuisance={}, seeds=[1], budget=32)
    losses = {(True,): [0.20, 0.22], (False,): [0.21, 0.24]}
    runs = records([ablation], table(losses, "augment"))
    noise = iter(0.01 * math.sin(7 * number) for number in range(32))
    runs += records([question], lambda s, _: 0.2 * math.exp(0.5 * s["augment"] + next(noise)))
    found = answer([ablation, question], runs, BASE)["removable"]
    assert found["rows"][0]["matters"] == ["augment"]
    assert found["rows"][0]["removable"]
    assert "and all runs together show an effect of augment." in found["answer"]


def test_one_seed_does_not_tell_what_can_be_removed() -> None:
    removed = {"without symmetries": {"augment": False}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed, seeds=[1])
    found = answer([ablation], records([ablation], lambda *_: 0.1), BASE)["removable"]
    assert found["rows"][0]["removable"] is None


@pytest.mark.parametrize(("slope", "helps"), [(-1.0, True), (1.0, False), (0.0, None)])
def test_regularisers_help_harm_or_neither(slope: float, helps: bool | None) -> None:
    varied = {"dropout": {"low": 0.0, "high": 0.6}, "augment": [True, False]}
    question = experiment(scientific=varied, nuisance={}, seeds=[1], budget=32)
    # a little noise that neither parameter explains
    noise = iter(0.01 * math.sin(7 * number) for number in range(32))
    runs = records([question], lambda s, _: 0.2 * math.exp(slope * s["dropout"] + next(noise)))
    rows = {
        row["name"]: row for row in answer([question], runs, BASE)["overfitting"]["regularisers"]
    }
    assert rows["dropout"]["helps"] is helps
    assert rows["augment"]["helps"] is None
    assert rows["dropout"]["effect"] == pytest.approx(math.expm1(0.3 * slope), abs=0.02)


def test_overfitted_runs_are_counted() -> None:
    losses = {"loss": [0.5, 0.3, 0.1, 0.02], "val_loss": [0.4, 0.25, 0.3, 0.45]}
    over = record({}, 0.25, id="over", curve=losses, best_epoch=2)
    found = answer([experiment()], [over, record({}, 0.2, id="fine")], BASE)["overfitting"]
    assert found["share"] == 0.5
    assert found["answer"].startswith("1 of 2 runs overfit. ")
    assert found["gap"] == pytest.approx(-0.025)


def test_the_table_of_gradients_has_the_wildest_and_the_best_runs() -> None:
    norms = {f"run {number}": [float(number)] * 3 for number in range(20)}
    runs = [
        record({}, 0.1 + 0.01 * number, id=name, curve=_curve(norm))
        for number, (name, norm) in enumerate(norms.items())
    ]
    runs.append(record({"learning_rate": 0.03}, None, id="wild"))
    found = answer([experiment()], runs, BASE)["gradients"]
    assert [row["run"] for row in found["rows"]][:3] == ["wild", "run 19", "run 18"]
    assert "run 0" in [row["run"] for row in found["rows"]]
    assert found["rows"][0]["gradient_norm"] is None
    assert found["rows"][0]["settings"] == {"learning_rate": 0.03}
    assert "at learning rates from 0.03 up" in found["answer"]
    assert "hidden kernel 10.0%" in found["answer"]


def _curve(norms: list[float]) -> dict[str, list[float]]:
    return {"loss": [0.4, 0.3, 0.2], "val_loss": [0.4, 0.3, 0.2], "gradient_norm": norms}


def test_the_fastest_setting_is_the_first_to_come_near_the_lowest_loss() -> None:
    slow = record({}, 0.10, id="slow")
    fast = record({"dropout": 0.5}, 0.105, id="fast")
    fast["curve"] = {**fast["curve"], "val_loss": [0.107, 0.105, 0.105]}
    bad = record({"dropout": 0.3}, 0.5, id="bad")
    question = experiment(scientific={"dropout": [0.0, 0.3, 0.5]})
    found = answer([question], [slow, fast, bad], BASE)["convergence"]
    assert [row["epochs"] for row in found["rows"]] == [1, 3]
    assert found["rows"][0]["settings"] == {"learning_rate": 0.0002, "dropout": 0.5}
    assert (
        "dropout 0.5 comes within 10% of the lowest validation loss (0.1000) in epoch 1"
        in (found["answer"])
    )
