"""What was scored, as tables: a row per image, and a row per patient."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Self

from smearflow.edge.patients import Clinic, PatientAnswer
from smearflow.edge.runtime import LOOK_YOURSELF, EdgeModel
from smearflow.edge.scoring import Scored

CELL_COLUMNS = ("file", "patient", "probability", "label", "answer", "error", "warning")
INTERVAL = "parasitaemia (95 %)"
DIGITS = 6  # of probabilities and shares
_FORMULA = ("=", "+", "-", "@")

Value = str | float | None


@dataclass(frozen=True)
class PatientRow:
    """What the cells of a patient say.

    Attributes:
        patient: whose they are.
        cells: images of one cell, each counted once.
        positive: those of them that are called positive, by the threshold.
        share: of `positive` in `cells`; None without cells.
        answered_positive: those of them that are surely positive.
        answered_negative: likewise.
        look_yourself: those that a person must look at.
        parasitaemia: as `PatientAnswer` has it, and so are the next three.
        parasitaemia_low: end of its interval of 95 %.
        parasitaemia_high: likewise.
        verdict: on the patient.
        left_out: files that are damaged, no cell, or show the same as another.
    """

    patient: str
    cells: int
    positive: int
    share: float | None
    answered_positive: int
    answered_negative: int
    look_yourself: int
    parasitaemia: float | None
    parasitaemia_low: float | None
    parasitaemia_high: float | None
    verdict: str | None
    left_out: int

    @classmethod
    def of(cls, rows: Sequence[Scored], model: EdgeModel) -> Self:
        """That of a patient with these images, at least one, scored by a model."""
        counted = [row for row in rows if row.counts]
        negative, positive = model.classes
        answers = Counter(row.answer for row in counted)
        called, cells = sum(row.label == positive for row in counted), len(counted)
        clinic = Clinic.of_export(model.description)
        said = clinic.answer(called, cells) if clinic else PatientAnswer()
        return cls(
            patient=rows[0].patient,
            cells=cells,
            positive=called,
            share=_rounded(called / cells if cells else None),
            answered_positive=answers[positive],
            answered_negative=answers[negative],
            look_yourself=answers[LOOK_YOURSELF],
            parasitaemia=_rounded(said.parasitaemia),
            parasitaemia_low=_rounded(said.low),
            parasitaemia_high=_rounded(said.high),
            verdict=said.verdict,
            left_out=len(rows) - cells,
        )


def cells_csv(rows: Iterable[Scored]) -> str:
    """A table with the header CELL_COLUMNS; empty where there is nothing to tell."""
    return _csv(CELL_COLUMNS, map(_cell, rows))


def patients_csv(patients: Iterable[PatientRow]) -> str:
    """A table with the fields of PatientRow as its header."""
    return _csv([field.name for field in fields(PatientRow)], map(asdict, patients))


def both_json(model: EdgeModel, rows: Iterable[Scored], patients: Iterable[PatientRow]) -> str:
    """Both tables, and what scored them; null where there is nothing to tell."""
    told = {
        "classes": model.classes,
        "threshold": model.threshold,
        "model_sha256": model.sha256,
        "cells": list(map(_cell, rows)),
        "patients": list(map(asdict, patients)),
    }
    return json.dumps(told, indent=2) + "\n"


def patients_text(patients: Iterable[PatientRow]) -> str:
    """The table per patient for a terminal: of its cells those answered so."""
    rows: list[tuple[str, ...]] = [
        ("patient", "cells", "positive", "negative", "look", INTERVAL, "verdict", "left out")
    ]
    for each in patients:
        counts = (each.cells, each.answered_positive, each.answered_negative, each.look_yourself)
        told = (each.patient, *(f"{count:,}" for count in counts))
        rows.append((*told, _interval(each), each.verdict or "", f"{each.left_out:,}"))
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([name.ljust(first), *map(str.rjust, numbers, others)]) for name, *numbers in rows
    )


def _cell(row: Scored) -> dict[str, Value]:
    again = f"shows the same as {row.repeat_of}" if row.repeat_of else None
    return {
        "file": row.file,
        "patient": row.patient,
        "probability": _rounded(row.probability),
        "label": row.label,
        "answer": row.answer,
        "error": row.error,
        "warning": row.no_cell or again,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _interval(row: PatientRow) -> str:
    if row.parasitaemia_low is None or row.parasitaemia_high is None:
        return ""
    value = "?" if row.parasitaemia is None else f"{row.parasitaemia:.1%}"
    return f"{value} ({100 * row.parasitaemia_low:.1f} to {100 * row.parasitaemia_high:.1f})"


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(_entry(row[column]) for column in columns)
    return stream.getvalue()


def _entry(value: Value) -> Value:
    """As a spreadsheet should read it: a number, or a text that it does not take for a formula."""
    if isinstance(value, float):
        return f"{value:.{DIGITS}f}"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"  # as spreadsheets mark a text themselves
    return value
