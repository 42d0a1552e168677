"""The verdict on a window of incoming cells."""

from pathlib import Path

from smearflow.records.verdict import DriftScore, JudgedPatients, Verdict
from smearflow.report.drift.patients import evidence_text
from smearflow.report.drift.quantities import quantity
from smearflow.report.drift.verdict import alerts, notes
from smearflow.report.elements import Link, Section, Table
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.pictures.drift import share_of_limit
from smearflow.report.text import number
from smearflow.report.units import PATIENTS, Unit, unit_of_run

_STAND_IN = (
    "The test {groups} only stand in for new images: this shows how monitoring judges, and nothing "
    "about new ones."
)


def judged_cells(verdict: Verdict, unit: Unit = PATIENTS) -> str:
    """Which cells were judged.

    Args:
        unit: what the split keeps on one side.
    """
    cells = f"{verdict.window.cells:,} cells"
    if verdict.stand_in:
        return f"{cells} of the test {unit.many}, as no new images were given"
    return f"{cells} of new images"


def monitor_section(root: Path, pictures: Path) -> Section | None:
    """The verdict on the incoming window and every score behind it."""
    verdict = Verdict.read_if_there(root)
    if verdict is None:
        return None
    unit = unit_of_run(root)
    scores = sorted(verdict.scores, key=share_of_limit, reverse=True)
    sentences = [
        f"Verdict: {verdict.verdict} ({judged_cells(verdict, unit)}).",
        *([_STAND_IN.format(groups=unit.many)] if verdict.stand_in else []),
        *(f"{note[0].upper()}{note[1:]}." for note in map(unit.instead, notes(verdict))),
        *alerts(verdict),
    ]
    rows = [
        (
            _result(score),
            score.group,
            quantity(score.name),
            score.method,
            number(score.score),
            number(score.limit),
        )
        for score in scores
    ]
    columns = ("result", "group", "quantity", "method", "score", "limit")
    table = Table("Scores, furthest first", columns, rows, columns[:4])
    page = Link("Every distribution:", "Evidently's page", "../monitor/drift.html")
    links = [page] if any(score.share is not None for score in scores) else []
    return Section(
        "monitor",
        "Drift",
        sentences,
        [table, *_patients(verdict.patients)],
        stage_pictures(pictures, "monitor"),
        links,
    )


def _patients(judged: JudgedPatients | None) -> list[Table]:
    """A row per patient of the window."""
    if judged is None or not judged.patients:
        return []
    rows = [
        (
            each.patient or "(no name)",
            "LOOK AT" if each.flagged else "usual",
            str(each.cells),
            number(each.p_value),
            "not valid" if each.accuracy is None else f"{each.accuracy:.1%}",
            evidence_text(each.evidence[0]),
        )
        for each in judged.patients
    ]
    columns = ("patient", "result", "cells", "p", "estimated accuracy", "furthest from usual")
    return [Table("Patients of the window, strangest first", columns, rows, columns[:2])]


def _result(score: DriftScore) -> str:
    if score.drifted:
        return "DRIFTED"
    return "not judged" if score.share is None else "within"
