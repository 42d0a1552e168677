"""The figures on patients that no earlier step saw."""

from pathlib import Path

import pandas as pd

from smearflow.records.figures import Figures
from smearflow.report.elements import Section, Table
from smearflow.report.pictures.found import pictures_of
from smearflow.report.text import label, number, with_interval


def evaluate_section(root: Path, pictures: Path) -> Section | None:
    """Test figures with intervals, of the Keras model and of the edge model."""
    figures = Figures.read_if_there(root)
    if figures is None:
        return None
    sentences = [
        f"{figures.cells:,} cells of {figures.patients:,} patients that no earlier step saw. "
        f"In brackets: {figures.interval}."
    ]
    if figures.overridden:
        sentences.append(
            "The model had missed its validation targets: this look at the test set was forced by "
            "evaluate.despite_missed_targets."
        )
    tables = [
        Table(
            "Test figures",
            ("metric", "model", "edge model"),
            [
                (label(name), with_interval(figure), with_interval(figures.edge[name]))
                for name, figure in figures.model.items()
            ],
            ("metric",),
        ),
        _per_patient(root),
    ]
    return Section("evaluate", "Test figures", sentences, tables, pictures_of(pictures, "evaluate"))


def _per_patient(root: Path) -> Table:
    frame = pd.read_csv(root / "outputs/evaluate/per_patient.csv")
    rows = [
        tuple(number(None if pd.isna(value) else value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    columns = tuple(label(name) for name in frame.columns)
    return Table("Per patient", columns, rows, columns[:1])
