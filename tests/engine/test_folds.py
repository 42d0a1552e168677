"""Patients dealt into folds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from smearflow.engine.folds import Indices, patient_folds
from smearflow.ground.errors import SmearflowError
from smearflow.sides.side import Side
from tests.toy_sides import toy_side

SIDE = toy_side(patients=6)


def folds_of(side: Side, folds: int = 3, seed: int = 1) -> list[Indices]:
    return patient_folds(side.people, side.targets, folds, seed, "crossval.folds")


def test_folds_hold_out_each_patient_once() -> None:
    folds = folds_of(SIDE)
    assert sorted(np.concatenate(folds).tolist()) == list(range(len(SIDE.targets)))
    assert all((np.diff(fold) > 0).all() for fold in folds)
    patients = [set(SIDE.patients[fold]) for fold in folds]
    assert sum(map(len, patients)) == len(set.union(*patients)) == 6
    assert all(set(SIDE.targets[fold]) == {0, 1} for fold in folds)
    assert [fold.tolist() for fold in folds] != [fold.tolist() for fold in folds_of(SIDE, seed=2)]


def test_a_patient_of_two_sources_is_in_one_fold() -> None:
    again = SIDE.table.assign(patient=SIDE.table["patient"].str.replace("lab/", "handed in/"))
    both = replace(
        SIDE,
        pixels=np.concatenate([SIDE.pixels, SIDE.pixels]),
        table=pd.concat([SIDE.table, again], ignore_index=True),
    )
    ids = [set(pd.Series(both.patients[fold]).str[-1]) for fold in folds_of(both)]
    assert sum(map(len, ids)) == 6


def test_too_few_patients_are_named() -> None:
    with pytest.raises(SmearflowError, match=r"7 folds need 7 patients.*crossval\.folds"):
        folds_of(SIDE, folds=7)
