"""What was scored, as tables: a row per image, and a row per patient."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Self

from smearflow.edge.runtime import EdgeModel
from smearflow.edge.scoring import Scored

CELL_COLUMNS = ("file", "patient", "probability", "label", "error", "warning")
DIGITS = 6  # of probabilities and shares
_FORMULA = ("=", "+", "-", "@")

Value = str | float | None


@dataclass(frozen=True)
class PatientRow:
    """What the cells of a patient say.

    Attributes:
        patient: whose they are.
        cells: images of one cell, each counted once.
        positive: those of them that are called positive.
        share: of `positive` in `cells`; None without cells.
        left_out: files that are damaged, no cell, or show the same as another.
    """

    patient: str
    cells: int
    positive: int
    share: float | None
    left_out: int

    @classmethod
    def of(cls, rows: Sequence[Scored], positive: str) -> Self:
        """That of a patient with these images, at least one.

        Args:
            positive: name of the class.
        """
        labels = [row.label for row in rows if row.counts]
        found = labels.count(positive)
        share = round(found / len(labels), DIGITS) if labels else None
        return cls(rows[0].patient, len(labels), found, share, len(rows) - len(labels))


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


def patients_text(patients: Iterable[PatientRow], positive: str) -> str:
    """The table per patient for a terminal.

    Args:
        positive: name of the class.
    """
    rows = [("patient", "cells", positive, "share", "left out")]
    for each in patients:
        cells, found, left_out = (f"{n:,}" for n in (each.cells, each.positive, each.left_out))
        share = "" if each.share is None else f"{each.share:.1%}"
        rows.append((each.patient, cells, found, share, left_out))
    first, *others = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([name.ljust(first), *map(str.rjust, numbers, others)]) for name, *numbers in rows
    )


def _cell(row: Scored) -> dict[str, Value]:
    again = f"shows the same as {row.repeat_of}" if row.repeat_of else None
    return {
        "file": row.file,
        "patient": row.patient,
        "probability": None if row.probability is None else round(row.probability, DIGITS),
        "label": row.label,
        "error": row.error,
        "warning": row.no_cell or again,
    }


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
