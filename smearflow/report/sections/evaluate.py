"""The test by patient and by cell."""

from pathlib import Path

import pandas as pd

from smearflow.records.figures import Figures
from smearflow.report.elements import Section, Table
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.text import display_name, number


def evaluate_section(root: Path, pictures: Path) -> Section | None:
    """Who was called right, and how often; how sure the network was."""
    if Figures.read_if_there(root) is None:
        return None
    shown = stage_pictures(pictures, "evaluate")
    return Section("evaluate", "By patient and by cell", [], [_per_patient(root)], shown)


def _per_patient(root: Path) -> Table:
    frame = pd.read_csv(root / "outputs/evaluate/per_patient.csv")
    rows = [
        tuple(number(None if pd.isna(value) else value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    columns = tuple(display_name(name) for name in frame.columns)
    return Table("Per patient", columns, rows, columns[:1], aside=True)
