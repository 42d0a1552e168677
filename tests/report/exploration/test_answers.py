"""Answers as a person reads them, of explorations whose truth is known."""

import json

import pytest

from smearflow.analysis.runs import analyse_runs
from smearflow.params.explore import Experiment
from smearflow.records.analysis.analysis import Analysis
from smearflow.report.exploration.answers import HEADLINES, QUESTIONS, answers
from smearflow.report.exploration.comparisons import answer_of
from tests.analysis.planted import TRUTHS, explored, planned
from tests.analysis.records import BASE, Loss, experiment, record, records, table


def stored(analysis: Analysis) -> Analysis:
    """As it comes back from a file, whose keys are sorted."""
    return Analysis.model_validate_json(
        json.dumps(analysis.model_dump(mode="json"), sort_keys=True)
    )


def told(experiments: list[Experiment], loss: Loss) -> dict[str, str]:
    runs = records(experiments, loss)
    return answers(stored(analyse_runs(experiments, runs, BASE)))


def test_every_question_has_an_answer_of_a_few_sentences() -> None:
    params, runs = planned()
    found = explored(TRUTHS[0], runs, 100)
    analysis = stored(analyse_runs(params.explore.experiments, found, params.model.configuration))
    said = answers(analysis)
    assert list(said) == list(QUESTIONS)
    assert set(HEADLINES) < set(said)
    for name, question in QUESTIONS.items():
        assert question.endswith("?")
        assert said[name].endswith(".")
        assert said[name].count(". ") < 4
    assert said["importance"].startswith("Learning rate moves it most: ")
    assert "Learning rate and hidden activation: the best value of one" in said["interactions"]
    assert "which moves out: hidden units" in said["bounds"]
    assert f"{analysis.diverged} of {analysis.planned} runs" in said["gradients"]


def test_missing_runs_make_answers_partial() -> None:
    params, runs = planned()
    cut = explored(TRUTHS[0], runs, 100)[:40]
    analysis = stored(analyse_runs(params.explore.experiments, cut, params.model.configuration))
    assert f"Partial: 40 of {analysis.planned} runs are there." in answers(analysis)["importance"]
    by_name = {each.name: answer_of(each) for each in analysis.comparisons}
    assert "Partial" not in by_name["optimizer"]
    assert by_name["regularisation"].endswith("runs are there.")
    assert "Cannot be told: without symmetries" in answers(analysis)["removable"]


def test_too_few_runs_are_no_answer() -> None:
    found = answers(
        stored(analyse_runs([experiment()], records([experiment()], lambda *_: 0.2)[:2], BASE))
    )
    for name in HEADLINES:
        assert found[name].startswith("No answer: too few runs")


@pytest.mark.parametrize(
    ("changed", "phrase"),
    [
        ([0.101, 0.122], "No detectable loss without symmetries;"),
        ([0.50, 0.52], "Worse for sure: without symmetries."),
        ([None, 0.1], "Worse for sure: without symmetries."),
    ],
)
def test_what_can_be_removed(changed: list[float | None], phrase: str) -> None:
    removed = {"without symmetries": {"augment": False}, "without a fall": {"plateau_patience": 99}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses: dict[tuple[bool], list[float | None]] = {(True,): [0.10, 0.12], (False,): changed}
    answer = told([ablation], table(losses, "augment"))["removable"]
    assert phrase in answer
    assert answer.endswith("Not exercised, as no curve changed: without a fall.")


def test_kernels_are_told_from_the_first_to_the_last() -> None:
    change = {"hidden kernel": 0.1, "first kernel": 0.2, "classifier kernel": 0.3}
    runs = [record({}, 0.1, id=name, weight_change=change) for name in "ab"]
    found = answers(stored(analyse_runs([experiment()], runs, BASE)))
    assert found["gradients"].endswith(
        "moved by: first kernel 20.0%, hidden kernel 10.0%, classifier kernel 30.0%."
    )


def test_the_fastest_setting_is_told_with_its_rate_first() -> None:
    slow = record({}, 0.10, id="slow")
    early = {"loss": [0.3, 0.2, 0.1], "val_loss": [0.107, 0.105, 0.105]}
    fast = record({"dropout": 0.5, "optimizer": "sgd"}, 0.105, id="fast", curve=early)
    question = experiment(scientific={"dropout": [0.0, 0.5], "optimizer": ["adam", "sgd"]})
    found = answers(stored(analyse_runs([question], [slow, fast], BASE)))
    assert found["convergence"].startswith(
        "learning rate 0.0002, sgd, dropout 0.5 comes within 10% of the lowest validation loss "
        "(0.1000) in epoch 1"
    )
