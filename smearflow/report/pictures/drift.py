"""A judged window in three pictures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from smearflow.monitoring.examples import read_examples
from smearflow.records.verdict import Distributions, DriftScore, Verdict
from smearflow.report.drift.quantities import quantity

MOST_DISTRIBUTIONS = 6
_DPI = 120
_ROW = 10  # cells side by side
_USUAL, _MOVED = "#4c78a8", "#d62728"


def draw_drift(root: Path, folder: Path) -> None:
    """Write drift.png, distributions.png and cells.png; nothing of a window without a verdict.

    Args:
        root: folder of the run.
    """
    verdict, distributions = Verdict.read_if_there(root), Distributions.read_if_there(root)
    if not verdict or not verdict.scores or distributions is None:
        return
    title = f"Verdict: {verdict.verdict}. {verdict.window.cells:,} cells of the window"
    folder.mkdir(parents=True, exist_ok=True)
    judged = [score for score in verdict.scores if score.share is not None]
    plot_scores(judged, title).savefig(folder / "drift.png", dpi=_DPI)
    figure = plot_histograms(judged, distributions)
    figure.savefig(folder / "distributions.png", dpi=_DPI)
    if groups := read_examples(Verdict.path(root).parent):
        plot_cells(groups).savefig(folder / "cells.png", dpi=_DPI)


def plot_scores(judged: Sequence[DriftScore], title: str) -> Figure:
    """Every score as a share of its limit; beyond 1 is drift."""
    ordered = sorted(judged, key=share_of_limit)
    shares = list(map(share_of_limit, ordered))
    figure = Figure(figsize=(9, 1.6 + 0.34 * len(ordered)), layout="constrained")
    axes = figure.subplots()
    colours = [_MOVED if score.drifted else _USUAL for score in ordered]
    bars = axes.barh([quantity(score.name) for score in ordered], shares, color=colours)
    values = [f"{score.score:.3g} (limit {score.limit:.3g})" for score in ordered]
    axes.axvline(1, color="black", linewidth=1.2)
    background = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.bar_label(bars, values, padding=4, fontsize=8, bbox=background)
    axes.set_xlim(0, 1.35 * max(1.0, *shares))
    axes.set_xlabel("distance from the baseline, as a share of its limit (1 = limit; red = drift)")
    axes.set_title(title)
    return figure


def plot_histograms(judged: Sequence[DriftScore], distributions: Distributions) -> Figure:
    """Histograms of the columns that are furthest from the baseline, relative to their limits."""
    found = distributions.columns
    furthest = sorted(
        (score for score in judged if score.name in found), key=share_of_limit, reverse=True
    )
    shown = furthest[:MOST_DISTRIBUTIONS]
    height = -(-len(shown) // 3)
    figure = Figure(figsize=(12, 3.2 * height), layout="constrained")
    cells = list(np.ravel(figure.subplots(height, 3)))
    for axes, score in zip(cells, shown, strict=False):
        column, counts = found[score.name], distributions.cells
        for name, number, heights, look in (
            ("baseline", counts.baseline, column.baseline, {"fill": True, "color": "0.75"}),
            ("window", counts.window, column.window, {"color": _MOVED, "linewidth": 1.6}),
        ):
            shares = [100 * height for height in heights]
            axes.stairs(shares, column.edges, label=f"{name} ({number:,} cells)", **look)
        axes.set_title(quantity(score.name) + " (drift)" * score.drifted, fontsize=10)
        axes.set_ylabel("share of cells [%]")
    for axes in cells[len(shown) :]:
        axes.axis("off")
    cells[0].legend(fontsize=8)
    figure.suptitle("The quantities furthest from the baseline, relative to their limits")
    return figure


def plot_cells(groups: Mapping[str, npt.NDArray[np.uint8]]) -> Figure:
    """Cells of each group side by side, under its title."""
    rows = [-(-len(cells) // _ROW) for cells in groups.values()]
    figure = Figure(figsize=(_ROW, sum(rows) + 0.4 * len(rows)), layout="constrained")
    heights = [count + 0.4 for count in rows]
    parts = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights).flat
    for part, (title, cells), count in zip(parts, groups.items(), rows, strict=True):
        part.suptitle(title, fontsize=10, x=0.01, ha="left")
        panels = part.subplots(count, _ROW, squeeze=False).flat
        for number, panel in enumerate(panels):
            panel.set_axis_off()
            if number < len(cells):
                panel.imshow(cells[number])
    return figure


def share_of_limit(score: DriftScore) -> float:
    """A score as a share of its limit; -1 where it is not judged, so that it comes last."""
    return -1.0 if score.share is None else score.share
