"""Targets met or missed, and whether a model has earned a look at the test set."""

from collections.abc import Mapping
from typing import Any

from smearflow.ground.errors import SmearflowError


def check_targets(
    side: str,
    targets: Mapping[Any, float],
    metrics: Mapping[str, float | None],
    required_sensitivity: float = 0.0,
) -> list[dict[str, Any]]:
    """Compare figures with the least that counts as met.

    Args:
        side: of the split, for the rows.
        targets: least value by metric.
        metrics: value by metric, None where undefined: never met.
        required_sensitivity: a target of its own for sensitivity where it is above 0.

    Returns:
        A row per target: side, metric, target, value, met.
    """
    if required_sensitivity:
        least = max(required_sensitivity, targets.get("sensitivity", 0.0))
        targets = {**targets, "sensitivity": least}
    rows = []
    for metric, target in targets.items():
        value = metrics[metric]
        met = value is not None and value >= target
        rows.append({"side": side, "metric": metric, "target": target, "value": value, "met": met})
    return rows


def may_look(train_summary: dict[str, Any], despite: bool) -> list[str]:
    """Whether the trained model may be scored on the test set.

    Every look at a test set spends some of it, so a model known to be bad gets none.

    Args:
        train_summary: `targets` (rows of `check_targets`) and `diagnosis` of the curve.
        despite: look all the same.

    Returns:
        The reasons against the look that `despite` overrides; empty when there are none.

    Raises:
        SmearflowError: there are reasons and `despite` is false.
    """
    reasons = [describe_row(row) for row in train_summary["targets"] if not row["met"]]
    if train_summary["diagnosis"] == "diverged":
        reasons.insert(0, "training diverged")
    if reasons and not despite:
        raise SmearflowError(
            f"the test set stays unseen: {'; '.join(reasons)}",
            "improve the model first (see reports/train): looking all the same, by "
            "evaluate.despite_missed_targets: true, makes every later test figure optimistic",
        )
    return reasons


def describe_row(row: dict[str, Any]) -> str:
    """One target in words, such as `validation accuracy 0.931 misses its target 0.940`."""
    value = "undefined" if row["value"] is None else f"{row['value']:.4f}"
    verb = "meets" if row["met"] else "misses"
    return f"{row['side']} {row['metric']} {value} {verb} its target {row['target']:.4f}"
