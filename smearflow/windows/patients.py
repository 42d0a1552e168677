"""How many patients the cells of a window are taken for."""

import pandas as pd

from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.resampling import usual_cells
from smearflow.records.verdict import PatientNames

ALONE = 1.1  # cells of each patient named, on average, or fewer: such names may number the cells
MANY = 4  # times as many cells of a patient in the baseline: then they do


def patients_of(table: pd.DataFrame, baseline: Baseline) -> tuple[int, PatientNames]:
    """How many patients cells are taken for, and what their names tell of it.

    Where names tell nearly as many patients as cells, but those of the baseline have many, they
    number the cells: then all cells are taken for those of one patient.

    Args:
        table: `patient` of each cell, null where the name tells none.
    """
    named, usual = table["patient"].dropna(), usual_cells(baseline.reference["patient"])
    names = PatientNames(
        patients=named.nunique(), cells=len(named), unnamed=len(table) - len(named), usual=usual
    )
    if not names.patients:
        return min(len(table), 1), names
    alone = names.patients > 1 and len(named) <= ALONE * names.patients
    if alone and usual * names.patients >= MANY * len(named):
        return 1, names
    return count_patients(table), names


def count_patients(table: pd.DataFrame) -> int:
    """Patients that can be told apart; all cells of unknown patients count as one more."""
    return int(table["patient"].nunique()) + int(table["patient"].isna().any())
