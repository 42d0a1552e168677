import pytest

from smearflow.records.figures import Difference, Payoff
from smearflow.report.payoff import payoff_line, payoff_sentence
from smearflow.report.units import PATIENTS
from tests.records import examples


def compared(low: float | None, high: float | None) -> Payoff:
    value = None if low is None or high is None else (low + high) / 2
    gain = Difference(value=value, low=low, high=high, at_least=low)
    return Payoff(outcome="compared", default={"accuracy": 0.9}, gains={"accuracy": gain})


@pytest.mark.parametrize(
    ("payoff", "told"),
    [
        (compared(0.01, 0.03), "It paid: +2.0 points of accuracy (+1.0 to +3.0)"),
        (compared(-0.01, 0.03), "as well: +1.0 points of accuracy (-1.0 to +3.0)"),
        (compared(-0.03, -0.01), "better: -2.0 points of accuracy (-3.0 to -1.0)"),
        (compared(None, None), "as well"),
        (Payoff(outcome="same"), "the default configuration again"),
        (Payoff(outcome="diverged"), "diverged"),
    ],
)
def test_what_is_told_follows_the_interval(payoff: Payoff, told: str) -> None:
    line = payoff_line(examples.FIGURES.model_copy(update={"payoff": payoff}))
    assert told in line
    assert line in payoff_sentence(payoff, PATIENTS)


def test_a_run_of_an_earlier_version_was_not_compared() -> None:
    assert "not compared" in payoff_line(examples.FIGURES)
    assert "not compared" in payoff_line(None)
