"""When a verdict asks for a retraining; cooldown and budget are for the retraining to keep."""

from typing import NamedTuple

from smearflow.monitoring.over_time import OverTime
from smearflow.records.verdict import Verdict


class Asked(NamedTuple):
    """Yes or no, and why in one sentence; as a truth value it is `yes`."""

    yes: bool
    reason: str

    def __bool__(self) -> bool:
        """Whether to ask."""
        return self.yes


def asks_for_retraining(
    verdict: Verdict, outlook: OverTime, drifted_in_a_row: int, confirmations: int
) -> Asked:
    """Whether patients changed over time, or this window and those before it drifted with harm.

    Args:
        verdict: on the latest window.
        outlook: of all patients up to now.
        drifted_in_a_row: windows, the latest counted.
        confirmations: further windows that must drift, too.
    """
    if outlook.alarm:
        return Asked(True, "a retraining is asked for: patients have changed over time")
    if verdict.verdict != "drift":
        return Asked(False, "no retraining is asked for")
    accuracy = verdict.patients.accuracy if verdict.patients else None
    if accuracy is not None and accuracy.harmless:
        return Asked(
            False,
            "no retraining is asked for: the drift is harmless, accuracy is estimated at "
            f"{accuracy.low:.1%} at least, {accuracy.expected:.1%} in the baseline",
        )
    if drifted_in_a_row <= confirmations:
        return Asked(
            False,
            f"no retraining is asked for yet: {drifted_in_a_row} of {confirmations + 1} windows in "
            "a row have drifted (monitor.confirmations)",
        )
    return Asked(True, "a retraining is asked for: the window has drifted")
