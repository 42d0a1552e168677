"""Isolation plots: each compared value at its own best, the runs it was chosen from behind it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from smearflow.records.analysis.comparison import Alternative, Comparison
from smearflow.records.exploration import RunRecord
from smearflow.report.pictures.style import (
    DPI,
    FAILED,
    LOSS,
    NOTABLE,
    TOP,
    completed,
    legend_below,
    loss_axis,
    settings_in_words,
)
from smearflow.report.text import in_order, readable


def plot_isolation(
    question: str, comparison: Comparison, runs: Sequence[RunRecord], path: Path
) -> None:
    """Validation loss of each alternative (Godbole et al., Deep Learning Tuning Playbook).

    Small dots are all its runs, a cross at the upper edge stands for those that diverged; the large
    point is the mean over seeds at its best nuisance values, the bar the standard deviation.

    Args:
        question: that the experiment asks.
        comparison: of `compare_alternatives`.
        runs: all that it compares, at least.
    """
    rows = comparison.rows
    figure = Figure(figsize=(max(7.5, 2.1 * len(rows) + 1.2), 4.8), layout="constrained")
    panel = figure.subplots()
    for place, row in enumerate(rows):
        _draw(panel, place, row, [run for run in runs if run.id in row.runs])
    panel.set(ylabel=LOSS, xlim=(-0.5, len(rows) - 0.5))
    panel.set_xticks(range(len(rows)), [_named(row) for row in rows], fontsize="small")
    panel.set_title(question, fontsize="medium")
    loss_axis(panel)
    panel.margins(y=0.12)
    _explain(panel, any(row.diverged for row in rows))
    legend_below(figure, panel, columns=3)
    figure.savefig(path, dpi=DPI)


def _draw(panel: Any, place: int, row: Alternative, runs: Sequence[RunRecord]) -> None:
    losses = [run.loss for run in completed(runs)]
    panel.plot([place - 0.12] * len(losses), losses, ".", color="0.55")
    if row.diverged:
        across = panel.get_xaxis_transform()
        panel.plot(place - 0.12, TOP, "x", color=FAILED, transform=across)
        words = f"{row.diverged} of {len(runs)}"
        panel.text(place - 0.05, TOP, words, color=FAILED, va="top", transform=across)
    if row.n:
        mean, spread = row.val_loss.mean, row.val_loss.std or 0.0
        panel.errorbar(place, mean, spread, fmt="o", color=NOTABLE, capsize=5, markersize=8)


def _named(row: Alternative) -> str:
    """The alternative, what it was best with, and how often it was run there."""
    lines = readable(row.name).split(", ")
    if row.nuisance:
        lines.append(f"at {settings_in_words(in_order(row.nuisance))}")
    if row.n:
        lines.append(f"n = {row.n}")
    else:
        lines.append("diverged everywhere" if row.runs else "not run")
    return "\n".join(lines)


def _explain(panel: Any, failures: bool) -> None:
    panel.plot([], [], "o", color=NOTABLE, markersize=8, label="mean ± standard deviation at best")
    panel.plot([], [], ".", color="0.55", label="each run, also at other settings")
    if failures:
        panel.plot([], [], "x", color=FAILED, label="diverged")
