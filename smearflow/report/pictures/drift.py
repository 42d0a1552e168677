"""A judged window in two pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from smearflow.monitoring.wording import quantity
from smearflow.report.results import read_json

MOST_DISTRIBUTIONS = 6
_DPI = 120
_USUAL, _MOVED = "#4c78a8", "#d62728"

Score = Mapping[str, Any]
"""A score of verdict.json: name, score, limit and drifted."""


def draw_drift(results: Path, folder: Path) -> None:
    """Write drift.png and distributions.png into a folder; nothing of a window without a verdict.

    Args:
        results: of the stage monitor.
    """
    verdict, distributions = (read_json(results, f) for f in ("verdict.json", "distributions.json"))
    if not verdict or not verdict["scores"] or distributions is None:
        return
    title = f"Verdict: {verdict['verdict']}. {verdict['window']['cells']:,} cells of the window"
    folder.mkdir(parents=True, exist_ok=True)
    judged = [row for row in verdict["scores"] if is_judged(row)]
    scores(judged, title).savefig(folder / "drift.png", dpi=_DPI)
    figure = histograms(judged, distributions)
    figure.savefig(folder / "distributions.png", dpi=_DPI)


def scores(rows: Sequence[Score], title: str) -> Figure:
    """Every score as a share of its limit; beyond 1 is drift."""
    ordered = sorted(rows, key=share_of_limit)
    shares = list(map(share_of_limit, ordered))
    figure = Figure(figsize=(9, 1.6 + 0.34 * len(ordered)), layout="constrained")
    axes = figure.subplots()
    colours = [_MOVED if row["drifted"] else _USUAL for row in ordered]
    bars = axes.barh([quantity(row["name"]) for row in ordered], shares, color=colours)
    values = [f"{row['score']:.3g} (limit {row['limit']:.3g})" for row in ordered]
    axes.axvline(1, color="black", linewidth=1.2)
    background = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.bar_label(bars, values, padding=4, fontsize=8, bbox=background)
    axes.set_xlim(0, 1.35 * max(1.0, *shares))
    axes.set_xlabel("distance from the baseline, as a share of its limit (1 = limit; red = drift)")
    axes.set_title(title)
    return figure


def histograms(rows: Sequence[Score], distributions: Mapping[str, Any]) -> Figure:
    """Histograms of the columns that are furthest from the baseline, relative to their limits.

    Args:
        distributions: of `smearflow.windows.judge.distributions`.
    """
    found = distributions["columns"]
    furthest = sorted(
        (row for row in rows if row["name"] in found), key=share_of_limit, reverse=True
    )
    shown = furthest[:MOST_DISTRIBUTIONS]
    height = -(-len(shown) // 3)
    figure = Figure(figsize=(12, 3.2 * height), layout="constrained")
    cells = list(np.ravel(figure.subplots(height, 3)))
    for axes, row in zip(cells, shown, strict=False):
        column = found[row["name"]]
        for table, colour in (("baseline", _USUAL), ("window", _MOVED)):
            label = f"{table} ({distributions['cells'][table]:,} cells)"
            edges, shares = column["edges"], [100 * share for share in column[table]]
            axes.hist(edges[:-1], edges, weights=shares, alpha=0.55, color=colour, label=label)
        axes.set_title(quantity(row["name"]) + " (drift)" * row["drifted"], fontsize=10)
        axes.set_ylabel("share of cells [%]")
    for axes in cells[len(shown) :]:
        axes.axis("off")
    cells[0].legend(fontsize=8)
    figure.suptitle("The quantities furthest from the baseline, relative to their limits")
    return figure


def is_judged(row: Score) -> bool:
    """Whether there were cells enough to tell both the score and its limit."""
    return row["score"] is not None and row["limit"] is not None


def share_of_limit(row: Score) -> float:
    """A score as a share of its limit; -1 where it is not judged, so that it comes last."""
    return float(row["score"] / row["limit"]) if is_judged(row) else -1.0
