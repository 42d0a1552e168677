"""What is said of the patients of all windows together."""

from smearflow.monitoring.over_time import OverTime


def over_time_text(outlook: OverTime) -> str:
    """The evidence of a change, and what it means."""
    means = "patients have changed" if outlook.alarm else "no change shown"
    return (
        f"over time, {outlook.patients} patients: evidence of change {outlook.evidence:.3g}, alarm "
        f"at {outlook.limit:.0f}: {means}"
    )
