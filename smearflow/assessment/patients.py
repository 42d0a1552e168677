"""What a model is worth to each patient: a pooled figure hides the odd one."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from smearflow.assessment.breakdown import per_patient
from smearflow.records.patients import Below, FalsePositives, PatientAccuracy, PatientFigures

LIMITS = (0.85, 0.80)
PER = 1000  # cells, of false positives


def patient_figures(
    targets: npt.ArrayLike,
    probabilities: npt.ArrayLike,
    patients: npt.ArrayLike,
    threshold: float,
    limits: Sequence[float] = LIMITS,
) -> PatientFigures:
    """Accuracy by patient, and the false positives of those without positive cells.

    Args:
        targets: [n], 1 = positive.
        probabilities: [n], of the positive class.
        patients: [n], which patient each cell is of.
        threshold: least probability that is called positive.
        limits: of accuracy; patients below each are named.

    Raises:
        ValueError: there are no cells.
    """
    labels = np.asarray(targets, np.int8)
    table = per_patient(labels, np.asarray(probabilities, np.float32), patients, threshold)
    if table.empty:
        raise ValueError("no cells")
    table = table.sort_values(["accuracy", "patient"], ignore_index=True)
    worst = table.iloc[0]
    return PatientFigures(
        patients=len(table),
        mean=float(table["accuracy"].mean()),
        worst_tenth=float(table["accuracy"].head(math.ceil(len(table) / 10)).mean()),
        worst=PatientAccuracy(
            patient=str(worst["patient"]),
            cells=int(worst["cells"]),
            accuracy=float(worst["accuracy"]),
        ),
        below=tuple(
            Below(limit=limit, patients=tuple(table.loc[table["accuracy"] < limit, "patient"]))
            for limit in sorted(limits, reverse=True)
        ),
        false_positives=false_positives(table),
    )


def false_positives(by_patient: pd.DataFrame) -> FalsePositives | None:
    """Those of patients without positive cells; None where every patient has some.

    Args:
        by_patient: of `breakdown.per_patient`.
    """
    clear = by_patient[by_patient["positives"] == 0]
    if clear.empty:
        return None
    rates = PER * clear["called"] / clear["cells"]
    return FalsePositives(
        patients=len(clear),
        median=float(rates.median()),
        mean=float(rates.mean()),
        worst=float(rates.max()),
        worst_patient=str(clear.loc[rates.idxmax(), "patient"]),
    )
