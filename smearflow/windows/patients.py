"""How many patients the cells of a window are taken for."""

import pandas as pd

from smearflow.monitoring.baseline import Baseline
from smearflow.monitoring.resampling import usual_cells

ALONE = 1.1  # cells of each patient named, on average, or fewer: such names may number the cells
MANY = 4  # times as many cells of a patient in the baseline: then they do
ONE = "taken for 1 patient, judged by the widest limits"


def patients_of(table: pd.DataFrame, baseline: Baseline) -> tuple[int, str]:
    """How many patients cells are taken for, and a sentence on it.

    Where names tell nearly as many patients as cells, but those of the baseline have many, they
    number the cells: then all cells are taken for those of one patient.

    Args:
        table: `patient` of each cell, null where the name tells none.
    """
    named, usual = table["patient"].dropna(), usual_cells(baseline.reference["patient"])
    told, unnamed = named.nunique(), len(table) - len(named)
    if not told:
        return min(len(table), 1), f"names tell no patient: {ONE}"
    if told > 1 and len(named) <= ALONE * told and usual * told >= MANY * len(named):
        return 1, (
            f"names tell {told} patients of {len(named)} cells, where one of the baseline has "
            f"{usual:.0f}: they tell no patient: {ONE}"
        )
    more = f"; {unnamed} cells whose names tell none count as one" if unnamed else ""
    patients = count_patients(table)
    return patients, f"taken for {patients} {'patient' if patients == 1 else 'patients'}{more}"


def count_patients(table: pd.DataFrame) -> int:
    """Patients that can be told apart; all cells of unknown patients count as one more."""
    return int(table["patient"].nunique()) + int(table["patient"].isna().any())
