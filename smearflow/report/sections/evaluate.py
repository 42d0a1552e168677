"""The figures on patients that no earlier step saw."""

from pathlib import Path

import pandas as pd

from smearflow.report.elements import Section, Table
from smearflow.report.pictures.found import pictures_of
from smearflow.report.results import read_json
from smearflow.report.text import label, number, with_interval


def evaluate_section(root: Path, pictures: Path) -> Section | None:
    """Test figures with intervals, of the Keras model and of the edge model."""
    metrics = read_json(root, "outputs/evaluate/metrics.json")
    if metrics is None:
        return None
    sentences = [
        f"{metrics['cells']:,} cells of {metrics['patients']:,} patients that no earlier step saw. "
        f"In brackets: {metrics['interval']}."
    ]
    if metrics["overridden"]:
        sentences.append(
            "The model had missed its validation targets: this look at the test set was forced by "
            "evaluate.despite_missed_targets."
        )
    tables = [
        Table(
            "Test figures",
            ("metric", "model", "edge model"),
            [
                (label(name), with_interval(figure), with_interval(metrics["edge"][name]))
                for name, figure in metrics["model"].items()
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
