"""What the test says of patients: parasitaemia, false positives, what can be told from none."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from smearflow.records.figures import DetectionLimit, Figures
from smearflow.records.patients import FalsePositives
from smearflow.report.conclusions.rare import percent
from smearflow.report.elements import Section, Table
from smearflow.report.results import patients_table
from smearflow.report.run import PipelineRun
from smearflow.report.text import enumerate_words, number, short_name
from smearflow.report.units import PATIENTS


def patients_section(root: Path, run: PipelineRun) -> Section | None:
    """What a clinic asks; None of earlier versions' figures, and where no patients are known."""
    figures, table = run.figures, patients_table(root)
    if run.unit != PATIENTS or figures is None or figures.by_patient is None or table is None:
        return None
    found = figures.by_patient
    sentences = [
        _false_positives(found.false_positives, run.classes[1]),
        *_in_company(figures, run.classes[1]),
        *_detection(found.detection),
        _covered(table),
        _verdicts(percent(found.least_parasitaemia)),
    ]
    return Section("patients", "What it says of a patient", sentences, [_table(table)])


def _false_positives(found: FalsePositives | None, positive: str) -> str:
    if found is None:
        return "Every test patient has parasites: what it says of one without is not known."
    return (
        f"Of 1,000 cells of a patient without parasites it calls {found.median:.0f} {positive} "
        f"(median of {PATIENTS.count(found.patients)}; mean {found.mean:.0f}), at worst "
        f"{found.worst:.0f}, of {short_name(found.worst_patient)}."
    )


def _in_company(figures: Figures, positive: str) -> list[str]:
    """What it gains to know the other cells of the patient."""
    company = figures.in_company
    if company is None:
        return []
    pooled, by_patient = company.pooled["accuracy"].value, company.by_patient
    told = (
        "Where each cell is judged in the company of its patient's, whose share of "
        f"{positive} cells is estimated from them all, accuracy is {number(pooled)} instead of "
        f"{number(figures.model['accuracy'].value)}; "
        f"{number(by_patient.mean)} as mean over patients"
    )
    if by_patient.false_positives is None:
        return [f"{told}."]
    rates = by_patient.false_positives
    return [
        f"{told}; of 1,000 cells of a patient without parasites it calls {rates.mean:.0f} "
        f"{positive} (mean), at worst {rates.worst:.0f}."
    ]


def _detection(limits: tuple[DetectionLimit, ...]) -> list[str]:
    told = [
        f"{percent(each.parasitaemia)} with {each.cells:,} cells"
        for each in limits
        if each.parasitaemia is not None
    ]
    if not told:
        return [
            "It can't tell any share of infected cells from none: on validation patients its "
            "errors differ too much from one to the next."
        ]
    return [
        f"The smallest share of infected cells that it tells from none is {enumerate_words(told)}. "
        "More cells stop helping where errors differ between patients, as on the validation side."
    ]


def _covered(table: pd.DataFrame) -> str:
    labelled = table["positives"] / table["cells"]
    inside = labelled.between(table["parasitaemia_low"], table["parasitaemia_high"])
    return (
        f"The interval holds the labelled share for {inside.sum()} of "
        f"{PATIENTS.count(len(table))}. Shares are of the cells in this set, which somebody chose, "
        "not of those in the blood."
    )


def _verdicts(least: str) -> str:
    return (
        "Positive: a patient without parasites would hardly look so. Negative: nor would one with "
        f"{least} of the cells infected. Too few cells: more of them would tell. Cannot tell: no "
        f"number of cells tells {least} from none, as errors differ between patients."
    )


def _table(table: pd.DataFrame) -> Table:
    rows = [
        (
            short_name(row["patient"]),
            number(row["cells"]),
            percent(row["positives"] / row["cells"]),
            _found(row),
            row["verdict"],
        )
        for row in table.to_dict("records")
    ]
    columns = ("patient", "cells", "labelled infected", "found infected (95 % interval)", "verdict")
    caption = "Share of infected cells by patient, corrected for the errors on validation patients"
    return Table(caption, columns, rows, ("patient", "verdict"))


def _found(row: Mapping[Hashable, Any]) -> str:
    value = number(None) if pd.isna(row["parasitaemia"]) else percent(row["parasitaemia"])
    return f"{value} ({percent(row['parasitaemia_low'])}–{percent(row['parasitaemia_high'])})"
