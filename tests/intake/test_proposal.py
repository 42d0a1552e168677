from collections.abc import Sequence

import pytest

from smearflow.intake.proposal import propose
from smearflow.params.ingest import Group

TOLD = [f"sick/P{p}_F{f}_c{c}.png" for p in range(5) for f in range(3) for c in range(4)]
UNTOLD = [f"sick/{number}.png" for number in range(50)]


def test_patients_that_names_tell_come_first() -> None:
    found = propose(2, "lab", TOLD, known=["field"], current="field")
    assert found is not None
    assert found.guess is not None
    assert (found.number, found.source, found.group) == (2, "lab", "patient")
    assert (found.key, found.value) == ("patient_pattern", found.guess.pattern)


@pytest.mark.parametrize(
    ("known", "current", "value"),
    [
        ((), None, "file"),
        (("time",), None, "time"),
        (("time", "field"), None, "field"),
        (("time",), "file", "time"),
        (("field",), "time", "field"),
        ((), "file", None),
        (("time",), "time", None),
        (("time",), "field", None),
    ],
)
def test_what_is_nearest_to_patients_comes_next(
    known: Sequence[Group], current: Group | None, value: str | None
) -> None:
    found = propose(0, "lab", UNTOLD, known=known, current=current)
    assert (found and (found.key, found.value)) == (value and ("group", value))
