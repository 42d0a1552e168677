"""On whom and on what a model fails more than chance would have it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binom, mannwhitneyu

LEVEL = 0.05  # of a whole family of tests, shared out equally (Bonferroni)


@dataclass(frozen=True)
class PatientMistakes:
    """The mistakes on one patient.

    Attributes:
        patient: name.
        cells: of the patient.
        wrong: those that are called wrong.
        unusual: whether chance alone does not explain that many.
    """

    patient: str
    cells: int
    wrong: int
    unusual: bool


@dataclass(frozen=True)
class Appearance:
    """What mistaken cells are like in one respect.

    Attributes:
        statistic: of an image, a column of the manifest.
        wrong: mean of the mistaken cells.
        usual: mean of all cells of their patients, each patient as often as there are mistakes.
        unusual: whether chance alone does not explain the difference.
    """

    statistic: str
    wrong: float
    usual: float
    unusual: bool


def by_patient(
    patients: npt.ArrayLike, wrong: npt.NDArray[np.bool_]
) -> tuple[PatientMistakes, ...]:
    """Mistakes of each patient, the largest share first.

    A patient is unusual where a binomial variable, at the rate of the mistakes on all the others,
    would be as large with a probability of less than LEVEL by the number of patients.

    Args:
        patients: [n], which patient each cell is of.
        wrong: [n], whether the cell is called wrong.
    """
    cells = pd.DataFrame({"patient": patients, "wrong": wrong})
    table = cells.groupby("patient")["wrong"].agg(["size", "sum"])
    others = len(cells) - table["size"]
    rate = (wrong.sum() - table["sum"]) / others.where(others > 0)
    # no mistake on the others is no proof that there are none to come: one half of one
    rate = rate.clip(lower=0.5 / max(len(cells), 1))
    chance = binom.sf(table["sum"] - 1, table["size"], rate)  # NaN of a single patient
    found = [
        PatientMistakes(str(name), int(row["size"]), int(row["sum"]), bool(p < LEVEL / len(table)))
        for (name, row), p in zip(table.iterrows(), chance, strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-each.wrong / each.cells, each.patient)))


def appearances(
    statistics: pd.DataFrame, patients: Sequence[str], wrong: npt.NDArray[np.bool_]
) -> tuple[Appearance, ...]:
    """Whether mistaken cells look unlike the other cells of the same patients.

    Two-sided rank test of Mann and Whitney (1947) of the differences to the means of their
    patients, as stain and light are the patient's.

    Args:
        statistics: a row per cell [n], a column per statistic.
        patients: [n], which patient each cell is of.
        wrong: [n], whether the cell is called wrong.

    Returns:
        One for each statistic; none where all cells, or none, are mistaken.
    """
    if not wrong.any() or wrong.all():
        return ()
    means = statistics.groupby(np.asarray(patients)).transform("mean")
    own = statistics - means
    found = []
    for name in statistics.columns:
        chance = mannwhitneyu(own.loc[wrong, name], own.loc[~wrong, name]).pvalue
        found.append(
            Appearance(
                name,
                float(statistics.loc[wrong, name].mean()),
                float(means.loc[wrong, name].mean()),
                bool(chance < LEVEL / len(statistics.columns)),
            )
        )
    return tuple(found)
