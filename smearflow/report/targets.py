"""Targets in words, the same wherever they are told."""

from smearflow.records.training import Target
from smearflow.report.text import display_name, number

_DIGITS = 4  # one more than of other figures: a miss by less must not look like a hit


def name(target: Target) -> str:
    """`test accuracy`."""
    return f"{target.side} {display_name(target.metric)}"


def reached(target: Target) -> str:
    """`0.9500, wanted 0.9000`."""
    return f"{value(target)}, wanted {wanted(target)}"


def value(target: Target) -> str:
    """What was reached, `0.9500`."""
    return number(target.value, _DIGITS)


def wanted(target: Target) -> str:
    """The least that meets it, `0.9000`."""
    return number(target.target, _DIGITS)


def result(target: Target) -> str:
    """Whether it is met, wherever the figure's interval ends."""
    return "met" if target.met else "MISSED"
