import json
from collections.abc import Iterator
from typing import Any

import pytest

from smearflow.analysis.narrowing import narrow, space_of
from smearflow.analysis.runs import analyse_runs
from smearflow.experiments.plan import alternatives
from smearflow.ground.errors import SmearflowError
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.exploration import RunRecord
from tests.analysis import exploration_material as material
from tests.analysis.planted import TRUTHS, explored, planned
from tests.analysis.records import BASE, experiment, records


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    params, runs = planned()
    found = explored(TRUTHS[0], runs, 100)
    return analyse_runs(
        params.explore.experiments, found, params.model.configuration, params.train.epochs
    )


def test_what_was_planted_is_found(analysis: Analysis) -> None:
    first, *_ = analysis.importance.parameters
    assert first.name == "learning_rate"
    found = [pair.parameters for pair in analysis.interactions.pairs if pair.found]
    assert ("learning_rate", "hidden_activation") in found
    moved = {row.name: row.moved for row in analysis.bounds.parameters}
    assert moved["hidden_units"] == "up"
    assert analysis.planned == analysis.runs == len(planned()[1])
    assert analysis.diverged == analysis.gradients.exploded > 0
    assert analysis.failed.runs >= analysis.diverged
    names = [each.name for each in analysis.comparisons]
    assert names == [
        "optimizer",
        "depth",
        "augmentation",
        "regularisation",
        "clipping",
        "ablation",
    ]


def texts(value: Any) -> Iterator[str]:
    """Every string of a JSON value, keys apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


@pytest.mark.parametrize(
    "truth", [*TRUTHS, None], ids=lambda truth: truth.name if truth else "material"
)
def test_there_are_names_and_labels_but_no_sentences(truth: Any) -> None:
    params, plan = planned()
    experiments, base, runs = material.experiments(), material.base(), material.runs()
    if truth:
        experiments, base = params.explore.experiments, params.model.configuration
        runs = explored(truth, plan, 7)
    analysis = analyse_runs(experiments, runs, base, params.train.epochs)
    narrowing = narrow(experiments, runs, analysis, base)
    compared = {name for each in experiments for name in alternatives(each)}
    named = compared | set(analysis.labels.values())
    for value in (analysis, narrowing, space_of(narrowing)):
        assert type(value).model_validate_json(value.model_dump_json()) == value
        said = {text for text in texts(value.model_dump(mode="json")) if " " in text} - named
        assert said == set()


def test_the_order_of_keys_in_a_file_decides_nothing() -> None:
    experiments, base, runs = material.experiments(), material.base(), material.runs()
    stored = [_sorted(run) for run in runs]
    assert analyse_runs(experiments, stored, base, 20) == analyse_runs(experiments, runs, base, 20)


def _sorted(run: RunRecord) -> RunRecord:
    """A run as it comes back from a file."""
    return RunRecord.model_validate_json(json.dumps(run.model_dump(mode="json"), sort_keys=True))


def test_missing_runs_are_counted() -> None:
    params, runs = planned()
    cut = explored(TRUTHS[0], runs, 100)[:40]
    found = analyse_runs(
        params.explore.experiments, cut, params.model.configuration, params.train.epochs
    )
    assert found.runs == 40 < found.planned
    there = {each.name: (each.runs, each.planned) for each in found.comparisons}
    assert there["optimizer"][0] == there["optimizer"][1]
    assert there["regularisation"][0] < there["regularisation"][1]
    assert None in [row.removable for row in found.removable.rows]


def test_an_exploration_of_which_all_diverged_says_nothing() -> None:
    runs = records([experiment()], lambda *_: None)
    with pytest.raises(SmearflowError, match="all 8 runs of the exploration diverged; lower"):
        analyse_runs([experiment()], runs, BASE, BASE.epochs)
    with pytest.raises(SmearflowError, match="no run was explored"):
        analyse_runs([experiment()], [], BASE, BASE.epochs)


def test_a_few_runs_are_analysed_as_far_as_they_go() -> None:
    found = analyse_runs(
        [experiment()], records([experiment()], lambda *_: 0.2)[:2], BASE, BASE.epochs
    )
    assert not found.modelled
    assert found.importance.parameters == ()
    assert found.bounds.parameters == ()
    assert found.overfitting.share == 0
