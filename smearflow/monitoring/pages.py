"""A judged window for people: Evidently's page and two pictures, of the scores with a limit."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.core.report import Snapshot
from evidently.presets import DataDriftPreset

from smearflow.monitoring.drift import JENSEN_SHANNON, MMD, WASSERSTEIN
from smearflow.monitoring.limits import Score
from smearflow.monitoring.wording import quantity

MOST_DISTRIBUTIONS = 6
_USUAL, _MOVED = "#4c78a8", "#d62728"


def compare_in_report(
    window: pd.DataFrame, reference: pd.DataFrame, scores: Sequence[Score]
) -> Snapshot:
    """Evidently's own report of the columns, with our methods and limits as its thresholds.

    The embedding is left out: Evidently would draw it by t-SNE, which takes a minute.
    """
    columns = {score.measure.name: score for score in scores if score.measure.method != MMD}
    definition = DataDefinition(
        numerical_columns=[c for c in columns if columns[c].measure.method == WASSERSTEIN],
        categorical_columns=[c for c in columns if columns[c].measure.method == JENSEN_SHANNON],
    )
    preset = DataDriftPreset(
        columns=list(columns),
        per_column_method={name: score.measure.method for name, score in columns.items()},
        per_column_threshold={name: score.limit for name, score in columns.items()},
        drift_share=0.5 / len(columns),  # one drifted column is drift of the whole, as it is here
    )
    current, usual = (
        Dataset.from_pandas(table[list(columns)].reset_index(drop=True), data_definition=definition)
        for table in (window, reference)
    )
    with warnings.catch_warnings():  # of correlations that a single cell does not have
        warnings.simplefilter("ignore", RuntimeWarning)
        return Report([preset], include_tests=True).run(current, usual)


def draw_scores(scores: Sequence[Score], title: str, file: Path) -> None:
    """Every score as a share of its limit; beyond 1 is drift."""
    ordered = sorted(scores, key=lambda score: score.share)
    shares = [score.share for score in ordered]
    figure, axes = plt.subplots(figsize=(9, 1.6 + 0.34 * len(ordered)), layout="constrained")
    colours = [_MOVED if score.drifted else _USUAL for score in ordered]
    bars = axes.barh([quantity(score.measure.name) for score in ordered], shares, color=colours)
    values = [f"{score.value:.3g} (limit {score.limit:.3g})" for score in ordered]
    axes.axvline(1, color="black", linewidth=1.2)
    background = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.bar_label(bars, values, padding=4, fontsize=8, bbox=background)
    axes.set_xlim(0, 1.35 * max(1.0, *shares))
    axes.set_xlabel("distance from the baseline, as a share of its limit (1 = limit; red = drift)")
    axes.set_title(title)
    _save(figure, file)


def draw_distributions(
    window: pd.DataFrame, reference: pd.DataFrame, scores: Sequence[Score], file: Path
) -> None:
    """Histograms of the columns that are furthest from the baseline, relative to their limits."""
    numeric = [score for score in scores if score.measure.method == WASSERSTEIN]
    furthest = sorted(numeric, key=lambda score: score.share, reverse=True)
    shown = furthest[:MOST_DISTRIBUTIONS]
    rows = -(-len(shown) // 3)
    figure, grid = plt.subplots(rows, 3, figsize=(12, 3.2 * rows), layout="constrained")
    cells = list(np.ravel(grid))
    for axes, score in zip(cells, shown, strict=False):
        name = score.measure.name
        bins = np.histogram_bin_edges(pd.concat([window[name], reference[name]]), bins=30)
        for table, label, colour in (
            (reference, f"baseline ({len(reference):,} cells)", _USUAL),
            (window, f"window ({len(window):,} cells)", _MOVED),
        ):
            weights = np.full(len(table), 100 / len(table))
            axes.hist(table[name], bins, weights=weights, alpha=0.55, color=colour, label=label)
        axes.set_title(f"{quantity(name)}{' (drift)' if score.drifted else ''}", fontsize=10)
        axes.set_ylabel("share of cells [%]")
    for axes in cells[len(shown) :]:
        axes.axis("off")
    cells[0].legend(fontsize=8)
    figure.suptitle("The quantities furthest from the baseline, relative to their limits")
    _save(figure, file)


def _save(figure: plt.Figure, file: Path) -> None:
    figure.savefig(file, dpi=120)
    plt.close(figure)
