"""Why a value is good, a bound moves or a parameter is dropped: a reason and its numbers, no words.

Evidence is JSON: `reason`, the name of the function below that made it, and that function's
arguments. `smearflow.report.exploration.evidence` has a phrase for each.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Evidence = dict[str, Any]
"""`reason`, and the numbers and labels that belong to it."""

Side = Literal["down", "up"]
Beyond = Literal["moves", "failed", "nothing"]


def no_effect() -> Evidence:
    """Of a choice: no value of it is detectably better than another."""
    return {"reason": "no_effect"}


def no_effect_between() -> Evidence:
    """Of a number: none between the bounds searched."""
    return {"reason": "no_effect_between"}


def no_effect_up_to(value: float) -> Evidence:
    """Of a number: none up to a value, beyond which runs failed."""
    return {"reason": "no_effect_up_to", "value": value}


def runs_failed(value: float) -> Evidence:
    """Runs failed from this value on."""
    return {"reason": "runs_failed", "value": value}


def lowest_loss(value: float, times: float | None) -> Evidence:
    """The surface is lowest at a value; at the worse end it is so many times that, if known."""
    return {"reason": "lowest_loss", "value": value, "times": times}


def best_at_end(side: Side, share: float, beyond: Beyond, failed_at: float | None) -> Evidence:
    """The best lies at an end of what was searched.

    Args:
        share: of the resamples that have it there.
        beyond: whether the bound moves out, runs failed beyond it, or nothing lies there.
        failed_at: from where on runs failed, where that is why it stays.
    """
    found = {"side": side, "share": share, "beyond": beyond, "failed_at": failed_at}
    return {"reason": "best_at_end"} | found


def worse_together(parameter: str, values: Sequence[Any]) -> Evidence:
    """Of a choice: all runs together show a higher loss with these values."""
    return {"reason": "worse_together", "parameter": parameter, "values": list(values)}


def unsure() -> Evidence:
    """Of a choice: it matters, but which value is best is not sure."""
    return {"reason": "unsure"}


def compared(worse: Sequence[str]) -> Evidence:
    """An experiment of its own found these alternatives worse, perhaps none."""
    return {"reason": "compared", "worse": list(worse)}


def not_explored() -> Evidence:
    """Nothing varied it."""
    return {"reason": "not_explored"}


def failed_with(value: float, kinds: Mapping[str, Sequence[Any]]) -> Evidence:
    """Runs with these values of other parameters failed from a value on."""
    return {
        "reason": "failed_with",
        "value": value,
        "kinds": {k: list(v) for k, v in kinds.items()},
    }


def only_with(parameter: str, value: str) -> Evidence:
    """It means something only with a value of another parameter, which is not searched."""
    return {"reason": "only_with", "parameter": parameter, "value": value}
