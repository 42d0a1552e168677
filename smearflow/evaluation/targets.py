"""Targets met or missed, and whether a model has earned a look at the test set."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from smearflow.ground.errors import SmearflowError
from smearflow.records.training import Target


def check_targets(
    side: Literal["validation", "test"],
    targets: Mapping[Any, float],
    metrics: Mapping[str, float | None],
    required_sensitivity: float = 0.0,
) -> tuple[Target, ...]:
    """Compare figures with the least that counts as met.

    Args:
        side: of the split.
        targets: least value by metric.
        metrics: value by metric, None where undefined: never met.
        required_sensitivity: a target of its own for sensitivity where it is above 0.
    """
    if required_sensitivity:
        least = max(required_sensitivity, targets.get("sensitivity", 0.0))
        targets = {**targets, "sensitivity": least}
    found = []
    for metric, target in targets.items():
        value = metrics[metric]
        met = value is not None and value >= target
        found.append(Target(side=side, metric=metric, target=target, value=value, met=met))
    return tuple(found)


def may_look(targets: Sequence[Target], diagnosis: str, despite: bool) -> tuple[str, ...]:
    """Whether the trained model may be scored on the test set.

    Every look at a test set spends some of it, so a model known to be bad gets none.

    Args:
        targets: of the validation side.
        diagnosis: of the training's curve.
        despite: look all the same.

    Returns:
        The reasons against the look that `despite` overrides; empty when there are none.

    Raises:
        SmearflowError: there are reasons and `despite` is false.
    """
    diverged = ("training diverged",) if diagnosis == "diverged" else ()
    reasons = (*diverged, *(describe_target(target) for target in targets if not target.met))
    if reasons and not despite:
        raise SmearflowError(
            f"the test set stays unseen: {'; '.join(reasons)}",
            "improve the model first (see reports/train): looking all the same, by "
            "evaluate.despite_missed_targets: true, makes every later test figure optimistic",
        )
    return reasons


def describe_target(target: Target) -> str:
    """One target in words, such as `validation accuracy 0.931 misses its target 0.940`."""
    value = "undefined" if target.value is None else f"{target.value:.4f}"
    verb = "meets" if target.met else "misses"
    return f"{target.side} {target.metric} {value} {verb} its target {target.target:.4f}"
