from typing import Any

import pytest

from smearflow.assessment.parasitaemia import parasitaemia
from smearflow.edge.patients import Clinic, NotedRate, PatientAnswer

GOOD = NotedRate(mean=0.99, deviation=0.002, standard_error=0.001)
GUESSING = NotedRate(mean=0.5, deviation=0.0, standard_error=0.0)


def told(sensitivity: NotedRate = GOOD, specificity: NotedRate = GOOD) -> dict[str, Any]:
    """What edge.json tells of rates, and more."""
    more = {"patients": 17, "cells": 1000}
    rates = {"sensitivity": sensitivity, "specificity": specificity}
    return {
        "least_parasitaemia": 0.02,
        "operating": {name: rate._asdict() | more for name, rate in rates.items()},
    }


@pytest.mark.parametrize(
    ("called", "cells", "verdict"),
    [(0, 2000, "negative"), (200, 2000, "positive"), (0, 5, "too few cells")],
)
def test_a_verdict_from_the_cells_called_positive(called: int, cells: int, verdict: str) -> None:
    clinic = Clinic.of_export(told())
    assert clinic is not None
    found = clinic.answer(called, cells)
    assert found.verdict == verdict
    assert found[:3] == parasitaemia(called, cells, GOOD, GOOD)


def test_what_a_guess_cannot_tell_is_no_number() -> None:
    clinic = Clinic.of_export(told(GUESSING, GUESSING))
    assert clinic is not None
    assert clinic.answer(5, 10) == PatientAnswer(None, 0.0, 1.0, "cannot tell")


def test_nothing_is_said_of_a_patient_without_cells_and_by_an_earlier_version() -> None:
    clinic = Clinic.of_export(told())
    assert clinic is not None
    assert clinic.answer(0, 0) == PatientAnswer(None, None, None, None)
    assert Clinic.of_export({"operating": None}) is None
    assert Clinic.of_export({"operating": told()["operating"]}) is None


def test_rates_without_their_spread_are_damage() -> None:
    description = told()
    del description["operating"]["specificity"]["deviation"]
    with pytest.raises(KeyError, match="deviation"):
        Clinic.of_export(description)
