import pytest

from smearflow.records.figures import Estimate, Estimates
from smearflow.release.promotion import should_promote


def _metrics(value: float | None, sensitivity: float = 0.96, low: float = 0.95) -> Estimates:
    return {
        "accuracy": Estimate(value=value, low=low, high=0.99),
        "sensitivity": Estimate(value=sensitivity, low=0.9, high=1.0),
    }


@pytest.mark.parametrize(
    ("champion", "challenger", "yes", "reason"),
    [
        (None, _metrics(0.5), True, "no champion yet"),
        (_metrics(0.96), _metrics(0.97), True, "not worse"),
        (_metrics(0.96), _metrics(0.951), True, "not worse"),
        (_metrics(0.96), _metrics(0.949), False, "worse: accuracy 0.9490, champion 0.9600"),
        (_metrics(0.96, low=0.958), _metrics(0.957), False, "at least 0.9580"),
        (_metrics(0.96), _metrics(0.97, sensitivity=0.94), False, "sensitivity 0.9400"),
        (_metrics(0.96, sensitivity=0.93), _metrics(0.97, sensitivity=0.94), True, "not worse"),
        (_metrics(0.96, sensitivity=0.93), _metrics(0.97, sensitivity=0.92), False, "0.9300"),
        (_metrics(0.96), _metrics(None), False, "undefined"),
        (_metrics(None), _metrics(0.9), True, "undefined"),
    ],
)
def test_should_promote(
    champion: Estimates | None, challenger: Estimates, yes: bool, reason: str
) -> None:
    decision = should_promote(
        champion, challenger, primary_metric="accuracy", required_sensitivity=0.95
    )
    assert decision.yes is yes
    assert bool(decision) is yes
    assert reason in decision.reason
