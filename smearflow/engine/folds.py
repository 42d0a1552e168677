"""Patients dealt into folds."""

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from smearflow.ground.errors import SmearflowError

Indices = npt.NDArray[np.intp]


def patient_folds(
    people: npt.NDArray[np.str_],
    targets: npt.NDArray[np.int8],
    folds: int,
    seed: int,
    setting: str,
) -> list[Indices]:
    """The cells of each fold; nobody is in two, and classes are balanced.

    Args:
        people: of each cell, [n], as of `Side.people`.
        targets: 1 = positive, [n].
        setting: by which people say how many folds there are, for the error.

    Returns:
        Of each fold ascending places, int [k].

    Raises:
        SmearflowError: a class has fewer patients than there are folds, or a fold takes all its
            cells.
    """
    for target in (0, 1):
        patients = len(np.unique(people[targets == target]))
        if patients < folds:
            raise SmearflowError(
                f"{folds} folds need {folds} patients of each class, one class has {patients}",
                f"ask for fewer folds by {setting}, or add patients",
            )
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    splits = list(splitter.split(np.zeros(len(targets)), targets, people))
    if any(len(np.unique(targets[train])) < 2 for train, _ in splits):
        raise SmearflowError(
            "a fold holds out all cells of a class, which leaves none to learn from",
            f"ask for other or fewer folds by {setting}, or add patients",
        )
    return [held_out for _, held_out in splits]
