from typing import Any

import pytest

from smearflow.monitoring.asking import asks_for_retraining
from smearflow.monitoring.over_time import OverTime
from smearflow.records.verdict import EstimatedAccuracy, JudgedPatients, Verdict
from tests.records.examples import VERDICT

QUIET, ALARM = OverTime(9, 1.2), OverTime(9, 20.0)


def judged(verdict: str, **accuracy: Any) -> Verdict:
    """A window, of patients whose accuracy may be estimated."""
    known = {"value": 0.95, "low": 0.94, "high": 0.96, "expected": 0.95, "patients": 9}
    told = EstimatedAccuracy(**(known | accuracy), invalid=0) if accuracy else None
    patients = JudgedPatients(
        usual=19,
        rate=0.05,
        confidence=0.95,
        few_cells=0,
        least_cells=20,
        patients=(),
        accuracy=told,
        usual_scores={},
    )
    return VERDICT.model_copy(update={"verdict": verdict, "patients": patients})


HARMLESS = judged("drift", harmful=False, harmless=True)
HARMFUL = judged("drift", harmful=True, harmless=False)


@pytest.mark.parametrize(
    ("verdict", "outlook", "in_a_row", "confirmations", "yes"),
    [
        (judged("stable"), QUIET, 0, 0, False),
        (judged("stable"), ALARM, 0, 5, True),
        (judged("drift"), QUIET, 1, 0, True),
        (judged("drift"), QUIET, 1, 1, False),
        (judged("drift"), QUIET, 2, 1, True),
        (HARMFUL, QUIET, 1, 0, True),
        (HARMLESS, QUIET, 3, 0, False),
        (HARMLESS, ALARM, 3, 0, True),
        (VERDICT.model_copy(update={"verdict": "drift"}), QUIET, 1, 0, True),
        (judged("invalid window"), QUIET, 0, 0, False),
    ],
)
def test_what_asks_for_a_retraining(
    verdict: Verdict, outlook: OverTime, in_a_row: int, confirmations: int, yes: bool
) -> None:
    decision = asks_for_retraining(verdict, outlook, in_a_row, confirmations)
    assert bool(decision) is yes
    assert decision.reason
