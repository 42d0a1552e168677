"""What a challenge showed, as text."""

from collections.abc import Sequence

from smearflow.records.contest import Comparison
from smearflow.report.text import columns, display_name, number


def comparisons_text(compared: Sequence[Comparison]) -> str:
    """A row for each figure of each comparison; empty where nothing was compared."""
    rows = [("minus", "site", "patients", "figure", "difference", "at least")]
    rows += [
        (
            each.rival,
            f"{each.site or 'all'}{' (new)' * each.new}",
            number(each.patients),
            display_name(name),
            f"{number(difference.value)} ({number(difference.low)} to {number(difference.high)})",
            number(difference.at_least),
        )
        for each in compared
        for name, difference in each.differences.items()
    ]
    title = "edge models on the challenger's test cells: challenger minus others"
    return f"{title}\n{columns(rows)}" if compared else ""
