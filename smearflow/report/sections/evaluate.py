"""The test by patient, or what the split goes by, and by cell."""

from dataclasses import replace
from pathlib import Path

import pandas as pd

from smearflow.records.figures import Figures
from smearflow.report.elements import Section, Table
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.results import PARASITAEMIA
from smearflow.report.text import display_name, number
from smearflow.report.units import Unit, unit_of_run


def evaluate_section(root: Path, pictures: Path) -> Section | None:
    """Who was called right, and how often; how sure the network was."""
    if Figures.read_if_there(root) is None:
        return None
    unit = unit_of_run(root)
    shown = [
        replace(each, caption=unit.instead(each.caption))
        for each in stage_pictures(pictures, "evaluate")
    ]
    title = f"By {unit.one} and by cell"
    return Section("evaluate", title, [], [_per_patient(root, unit)], shown)


def _per_patient(root: Path, unit: Unit) -> Table:
    frame = pd.read_csv(root / "outputs/evaluate/per_patient.csv")
    frame = frame.drop(columns=list(PARASITAEMIA), errors="ignore")
    rows = [
        tuple(number(None if pd.isna(value) else value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    columns = tuple(unit.one if name == "patient" else display_name(name) for name in frame.columns)
    return Table(f"Per {unit.one}", columns, rows, columns[:1], aside=True)
