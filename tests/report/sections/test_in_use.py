"""What a page says of patients, of three answers and of probabilities."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from smearflow.params.ingest import Group
from smearflow.report.elements import Section
from smearflow.report.results import patients_table
from smearflow.report.run import PipelineRun, read_run
from smearflow.report.sections.answers import answers_section
from smearflow.report.sections.evaluate import evaluate_section
from smearflow.report.sections.patients import patients_section
from smearflow.report.sections.targets import targets_section
from tests.records.examples import OPERATING, TRAINING
from tests.report.finished import write_run
from tests.wording import numbers


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def run(root: Path) -> PipelineRun:
    return read_run(root, ())


def _section(found: Section | None) -> Section:
    assert found is not None
    return found


def test_a_row_per_patient_says_what_was_found(root: Path, run: PipelineRun) -> None:
    table = patients_table(root)
    assert table is not None
    (shown,) = _section(patients_section(root, run)).tables
    assert [row[0] for row in shown.rows] == [name.rpartition("/")[2] for name in table["patient"]]
    assert [row[-1] for row in shown.rows] == table["verdict"].tolist()
    (by_cell,) = _section(evaluate_section(root, root)).tables
    assert not {"parasitaemia", "verdict"} & set(by_cell.columns)  # told once


def test_whose_cells_are_of_no_patient_gets_no_such_section(root: Path, run: PipelineRun) -> None:
    groups: dict[str, Group] = {"lab": "file"}
    assert run.split is not None
    files = replace(run, split=run.split.model_copy(update={"grouped_by": groups}))
    assert patients_section(root, files) is None
    assert run.figures is not None
    earlier = replace(run, figures=run.figures.model_copy(update={"by_patient": None}))
    assert patients_section(root, earlier) is None


def test_figures_of_an_earlier_version_have_no_table_of_patients(tmp_path: Path) -> None:
    assert patients_table(tmp_path) is None
    folder = tmp_path / "outputs/evaluate"
    folder.mkdir(parents=True)
    pd.DataFrame({"patient": ["C1"], "cells": [9]}).to_csv(folder / "per_patient.csv", index=False)
    assert patients_table(tmp_path) is None


@pytest.mark.parametrize("held", [True, False])
def test_limits_that_are_not_held_are_not_claimed(run: PipelineRun, held: bool) -> None:
    answers = OPERATING.answers.model_copy(update={"held": held, "patients": 60 if held else 12})
    operating = OPERATING.model_copy(update={"answers": answers})
    changed = replace(run, trained=TRAINING.model_copy(update={"operating": operating}))
    limits, told, *_ = _section(answers_section(changed)).sentences
    assert {answers.lower, answers.upper} <= set(numbers(limits))
    assert (49 in numbers(told)) is not held  # what it would take
    assert answers.patients in numbers(told)


def test_before_the_test_the_limits_alone_are_told(run: PipelineRun) -> None:
    assert _section(answers_section(replace(run, figures=None))).tables == []
    assert answers_section(PipelineRun(drawn=False)) is None


def test_the_table_of_figures_has_those_over_patients_and_after_calibration(
    run: PipelineRun,
) -> None:
    figures = run.figures
    assert figures is not None
    assert figures.by_patient is not None
    shown = _section(targets_section(run)).tables[-1]
    values = {row[0]: row[1] for row in shown.rows}
    usual = len(figures.model)
    assert len(values) == usual + 4
    over = figures.by_patient.model
    for name, figure in zip(list(values)[-2:], (over.accuracy, over.worst_tenth), strict=True):
        assert numbers(values[name])[0] == pytest.approx(figure.value, abs=5e-4)
