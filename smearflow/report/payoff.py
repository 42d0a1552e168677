"""What exploration and search gained over the default, in words."""

from smearflow.records.figures import Difference, Figures, Payoff
from smearflow.report.units import Unit

_FIGURE = "accuracy"  # that is judged by


def payoff_line(figures: Figures | None) -> str:
    """A few words for the terminal."""
    if figures is None or figures.payoff is None:
        return "not compared with the default configuration"
    return _short(figures.payoff) + _gain(figures.payoff)


def payoff_sentence(payoff: Payoff, unit: Unit) -> str:
    """What the look at the test side says of the search."""
    if payoff.outcome != "compared":
        return f"Did it pay? {_short(payoff)}."
    return (
        f"Did it pay? {_short(payoff)}{_gain(payoff)}, beside the default configuration trained on "
        f"the same {unit.many} and tested in the same look; nothing was chosen by it."
    )


def _short(payoff: Payoff) -> str:
    if payoff.outcome == "same":
        return "It found the default configuration again"
    if payoff.outcome == "diverged":
        return "It paid: the default configuration diverged"
    low, high = _bounds(payoff.gains[_FIGURE])
    if low > 0:
        return "It paid"
    return (
        "The default would have been better" if high < 0 else "The default would have done as well"
    )


def _bounds(gain: Difference) -> tuple[float, float]:
    """Of its interval; around 0 where it is undefined, as nothing is told then."""
    return (0.0, 0.0) if gain.low is None or gain.high is None else (gain.low, gain.high)


def _gain(payoff: Payoff) -> str:
    gain = payoff.gains.get(_FIGURE)
    if gain is None or gain.value is None or gain.low is None or gain.high is None:
        return ""
    return (
        f": {100 * gain.value:+.1f} points of accuracy "
        f"({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
    )
