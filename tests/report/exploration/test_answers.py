"""What the answers say, of explorations whose truth is known."""

import json

import pytest

from smearflow.analysis.runs import analyse_runs
from smearflow.records.analysis.analysis import Analysis
from smearflow.report.exploration.answers import HEADLINES, QUESTIONS, answers
from smearflow.report.exploration.comparisons import answer_of
from smearflow.report.text import readable
from tests.analysis.planted import TRUTHS, explored, planned
from tests.analysis.records import BASE, experiment, record, records, table
from tests.wording import named, numbers


def stored(analysis: Analysis) -> Analysis:
    """As it comes back from a file, whose keys are sorted."""
    return Analysis.model_validate_json(
        json.dumps(analysis.model_dump(mode="json"), sort_keys=True)
    )


def analysed(runs: int | None = None) -> Analysis:
    """Of a planted truth; of its first runs, where a number is given."""
    params, plan = planned()
    found = explored(TRUTHS[0], plan, 100)[:runs]
    return stored(
        analyse_runs(
            params.explore.experiments, found, params.model.configuration, params.train.epochs
        )
    )


def test_every_question_has_an_answer_of_a_few_sentences() -> None:
    said = answers(analysed())
    assert list(said) == list(QUESTIONS)
    assert set(HEADLINES) < set(said)
    for name, question in QUESTIONS.items():
        assert question.endswith("?")
        assert said[name].endswith(".")
        assert said[name].count(". ") < 4


def test_what_was_found_is_named_with_its_figures() -> None:
    analysis = analysed()
    said = {name: answer.lower() for name, answer in answers(analysis).items()}
    first, *_ = analysis.importance.parameters
    assert said["importance"].startswith(readable(first.name))
    shares = (first.share, first.low, first.high)
    assert numbers(said["importance"])[:3] == [round(100 * share) for share in shares]
    pairs = [pair for pair in analysis.interactions.pairs if pair.found]
    assert pairs
    for pair in pairs:
        assert len(named(said["interactions"], *map(readable, pair.parameters))) == 2
    rows = analysis.bounds.parameters
    moved = [readable(row.name) for row in rows if row.moved]
    assert moved
    *_, last = said["bounds"].split(". ")
    assert named(last, *(readable(row.name) for row in rows)) == moved
    assert f"{analysis.diverged} of {analysis.planned}" in said["gradients"]


def test_missing_runs_make_answers_partial() -> None:
    analysis = analysed(40)
    assert f"40 of {analysis.planned} runs" in answers(analysis)["importance"]
    for each in analysis.comparisons:
        missing = f"{each.runs} of {each.planned} runs"
        assert (missing in answer_of(each)) is (each.runs < each.planned)
    assert {each.runs < each.planned for each in analysis.comparisons} == {True, False}


def test_too_few_runs_are_no_answer() -> None:
    few = records([experiment()], lambda *_: 0.2)[:2]
    found = answers(stored(analyse_runs([experiment()], few, BASE, BASE.epochs)))
    told = {found[name].partition(".")[0] for name in HEADLINES}
    assert len(told) == 1
    assert not numbers(told.pop())


def ablated(changed: list[float | None]) -> Analysis:
    """Of an ablation that changes losses, and one that changes no curve."""
    removed = {"without symmetries": {"augment": False}, "without a fall": {"plateau_patience": 99}}
    ablation = experiment("ablation", scientific={}, nuisance={}, ablations=removed)
    losses: dict[tuple[bool], list[float | None]] = {(True,): [0.10, 0.12], (False,): changed}
    runs = records([ablation], table(losses, "augment"))
    return stored(analyse_runs([ablation], runs, BASE, BASE.epochs))


@pytest.mark.parametrize("changed", [[0.101, 0.122], [0.50, 0.52], [None, 0.1]])
def test_everything_that_was_taken_away_is_named_once(changed: list[float | None]) -> None:
    answer = answers(ablated(changed))["removable"]
    for name in ("without symmetries", "without a fall"):
        assert answer.count(name) == 1


def test_no_two_verdicts_on_a_removal_read_alike() -> None:
    analysis = ablated([0.101, 0.122])
    first, second = analysis.removable.rows
    harmful, unsure = (first.model_copy(update={"removable": each}) for each in (False, None))
    told = []
    for row in (harmful, first, unsure, second.model_copy(update={"name": first.name})):
        removals = analysis.removable.model_copy(update={"rows": (row,)})
        told.append(answers(analysis.model_copy(update={"removable": removals}))["removable"])
    assert len(set(told)) == len(told)
    assert all(first.name in answer for answer in told)
    assert ["worse" in answer.lower() for answer in told] == [True, False, False, False]


def test_how_large_a_rise_goes_unseen_is_told_with_what_is_harmless() -> None:
    analysis = ablated([0.101, 0.122])
    needed = analysis.removable.rows[0].needed
    assert needed is not None
    assert numbers(answers(analysis)["removable"]) == [round(needed, 3)]


def test_kernels_are_told_from_the_first_to_the_last() -> None:
    change = {"hidden kernel": 0.1, "first kernel": 0.2, "classifier kernel": 0.3}
    runs = [record({}, 0.1, id=name, weight_change=change) for name in "ab"]
    told = answers(stored(analyse_runs([experiment()], runs, BASE, BASE.epochs)))["gradients"]
    assert named(told, *change) == ["first kernel", "hidden kernel", "classifier kernel"]
    assert numbers(told)[-3:] == [20, 10, 30]


def test_the_fastest_setting_is_told_with_its_rate_first() -> None:
    slow = record({}, 0.10, id="slow")
    early = {"loss": [0.3, 0.2, 0.1], "val_loss": [0.107, 0.105, 0.105]}
    fast = record({"dropout": 0.5, "optimizer": "sgd"}, 0.105, id="fast", curve=early)
    question = experiment(scientific={"dropout": [0.0, 0.5], "optimizer": ["adam", "sgd"]})
    told = answers(stored(analyse_runs([question], [slow, fast], BASE, BASE.epochs)))["convergence"]
    rate, dropout, near, lowest, epoch, *_ = numbers(told)
    assert (rate, dropout, near, lowest, epoch) == (0.0002, 0.5, 10, 0.1, 1)
    assert named(told, "sgd", "adam", "0.0002", "dropout") == ["0.0002", "sgd", "dropout"]
