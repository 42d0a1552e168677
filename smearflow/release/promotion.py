"""Whether a challenger takes the place of the champion."""

from smearflow.records.figures import Estimates
from smearflow.release.policy import Decision

MARGIN = 0.01


def should_promote(
    champion: Estimates | None,
    challenger: Estimates,
    *,
    primary_metric: str,
    required_sensitivity: float,
) -> Decision:
    """Promote a challenger that is not worse than the champion on the same test cells.

    Not worse: its primary metric is at least the champion's minus a margin, and its sensitivity is
    at least the required one or at least the champion's. The margin is how far down the
    champion's own interval reaches, but no more than 0.01, so that a small test set does not
    excuse everything.

    Args:
        champion: of the champion on the challenger's test cells; None if there is no champion.
        challenger: the same, of the challenger.
        primary_metric: a higher value of it is better.
    """
    if champion is None:
        return Decision(True, "there is no champion yet")
    old, new = champion[primary_metric], challenger[primary_metric]
    sensitivity = challenger["sensitivity"].value
    if new.value is None or sensitivity is None:
        return Decision(False, f"the challenger's {primary_metric} or sensitivity is undefined")
    least_sensitivity = min(required_sensitivity, _or_zero(champion["sensitivity"].value))
    if sensitivity < least_sensitivity:
        return Decision(
            False,
            f"sensitivity {sensitivity:.4f} of the challenger is below {least_sensitivity:.4f}, "
            "the lower of the required one and the champion's",
        )
    if old.value is None or old.low is None:
        return Decision(True, f"the champion's {primary_metric} is undefined here")
    least = old.value - min(MARGIN, old.value - old.low)
    figures = f"{primary_metric} {new.value:.4f}, champion {old.value:.4f}"
    if new.value < least:
        return Decision(False, f"the challenger is worse: {figures}, at least {least:.4f} needed")
    return Decision(True, f"the challenger is not worse: {figures}, at least {least:.4f} needed")


def _or_zero(value: float | None) -> float:
    return 0.0 if value is None else value
