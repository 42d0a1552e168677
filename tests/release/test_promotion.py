import pytest

from smearflow.records.figures import Estimate, Estimates
from smearflow.release.promotion import should_promote
from tests.wording import numbers


def _metrics(value: float | None, sensitivity: float = 0.96, low: float = 0.95) -> Estimates:
    return {
        "accuracy": Estimate(value=value, low=low, high=0.99),
        "sensitivity": Estimate(value=sensitivity, low=0.9, high=1.0),
    }


@pytest.mark.parametrize(
    ("champion", "challenger", "yes", "metric", "told"),
    [
        (None, _metrics(0.5), True, "", []),
        (_metrics(0.96), _metrics(0.97), True, "accuracy", [0.97, 0.96, 0.95]),
        (_metrics(0.96), _metrics(0.951), True, "accuracy", [0.951, 0.96, 0.95]),
        (_metrics(0.96), _metrics(0.949), False, "accuracy", [0.949, 0.96, 0.95]),
        (_metrics(0.96, low=0.958), _metrics(0.957), False, "accuracy", [0.957, 0.96, 0.958]),
        (_metrics(0.96), _metrics(0.97, 0.94), False, "sensitivity", [0.94, 0.95]),
        (_metrics(0.96, 0.93), _metrics(0.97, 0.94), True, "accuracy", [0.97, 0.96, 0.95]),
        (_metrics(0.96, 0.93), _metrics(0.97, 0.92), False, "sensitivity", [0.92, 0.93]),
        (_metrics(0.96), _metrics(None), False, "accuracy", []),
        (_metrics(None), _metrics(0.9), True, "accuracy", []),
    ],
)
def test_should_promote(
    champion: Estimates | None, challenger: Estimates, yes: bool, metric: str, told: list[float]
) -> None:
    decision = should_promote(
        champion, challenger, primary_metric="accuracy", required_sensitivity=0.95
    )
    assert decision.yes is yes
    assert bool(decision) is yes
    assert metric in decision.reason
    assert numbers(decision.reason) == told
