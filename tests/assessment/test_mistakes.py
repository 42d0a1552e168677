"""Patients and looks on which a model fails more than chance would have it."""

import numpy as np
import pandas as pd
import pytest

from smearflow.assessment.mistakes import appearances, by_patient


def _cells(mistakes: dict[str, tuple[int, int]]) -> tuple[list[str], np.ndarray]:
    """Patients and mistakes by name: (cells, wrong ones)."""
    patients, wrong = [], []
    for name, (cells, count) in mistakes.items():
        patients += [name] * cells
        wrong += [True] * count + [False] * (cells - count)
    return patients, np.array(wrong)


@pytest.mark.parametrize(
    ("mistakes", "unusual"),
    [
        ({"a": (40, 3), "b": (40, 2), "c": (40, 2), "d": (40, 0)}, []),
        ({"a": (40, 2), "b": (40, 14), "c": (40, 2), "d": (40, 1)}, ["b"]),
        ({"a": (100, 0), "b": (100, 0), "c": (2, 1)}, ["c"]),
        ({"a": (100, 0), "b": (100, 0)}, []),
        ({"a": (9, 9)}, []),  # nobody to be compared with
    ],
)
def test_patients_beyond_chance(mistakes: dict[str, tuple[int, int]], unusual: list[str]) -> None:
    found = by_patient(*_cells(mistakes))
    assert [each.patient for each in found if each.unusual] == unusual
    assert {each.patient: (each.cells, each.wrong) for each in found} == mistakes
    shares = [each.wrong / each.cells for each in found]
    assert shares == sorted(shares, reverse=True)


def test_patients_alike_are_seldom_called_unusual() -> None:
    rng = np.random.default_rng(1)
    patients = np.repeat(np.arange(12), 40).astype(str)
    alarms = sum(
        any(each.unusual for each in by_patient(patients, rng.random(480) < 0.05))
        for _ in range(100)
    )
    assert alarms <= 12  # 5 % of families, and discreteness makes it fewer


def _looks(shift: float, wrong: np.ndarray) -> pd.DataFrame:
    """Focus that differs by patient, and of the mistaken cells by `shift`; and plain noise."""
    rng = np.random.default_rng(2)
    focus = 50 * np.repeat(np.arange(4), 60) + rng.normal(0, 1, 240) + shift * wrong
    return pd.DataFrame({"sharpness": focus, "brightness": rng.normal(0, 1, 240)})


@pytest.mark.parametrize(("shift", "unusual"), [(-2.0, ["sharpness"]), (0.0, [])])
def test_mistaken_cells_are_compared_with_their_own_patients(
    shift: float, unusual: list[str]
) -> None:
    patients = np.repeat(np.arange(4), 60).astype(str)
    wrong = np.zeros(240, bool)
    wrong[200:230] = True  # all of the last patient, who is the sharpest
    found = appearances(_looks(shift, wrong), list(patients), wrong)
    assert [each.statistic for each in found if each.unusual] == unusual
    assert found[0].usual == pytest.approx(150, abs=2)
    assert found[0].wrong == pytest.approx(150 + shift, abs=1)


@pytest.mark.parametrize("wrong", [np.zeros(240, bool), np.ones(240, bool)])
def test_without_mistakes_or_without_others_nothing_is_told(wrong: np.ndarray) -> None:
    assert appearances(_looks(0.0, wrong), ["a"] * 240, wrong) == ()
