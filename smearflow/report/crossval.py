"""The result of a cross-validation as files: figures, predictions, a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from smearflow.ground.files import write_bytes, write_json
from smearflow.records.figures import Estimate, Estimates
from smearflow.report.units import PATIENTS, Unit


def write_crossval(
    folder: Path,
    predictions: pd.DataFrame,
    folds: pd.DataFrame,
    pooled: Estimates,
    details: Mapping[str, Any],
    unit: Unit = PATIENTS,
) -> None:
    """Write crossval.json, predictions.parquet and crossval.png into a folder.

    Args:
        predictions: a row per cell, as `cross_validate` gives them.
        folds: a row per fold: fold, cells, patients, accuracy.
        pooled: over the cells of all folds together.
        details: further JSON values for crossval.json.
        unit: what no fold shares with another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / "predictions.parquet", predictions.to_parquet(index=False))
    _draw(folder / "crossval.png", folds, pooled["accuracy"], unit)
    rows = folds.to_dict(orient="records")
    figures = {name: figure.model_dump(mode="json") for name, figure in pooled.items()}
    write_json(folder / "crossval.json", {**details, "folds": rows, "pooled": figures})


def _draw(file: Path, folds: pd.DataFrame, accuracy: Estimate, unit: Unit) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    names = [str(fold) for fold in folds["fold"]]
    axes.scatter(
        names, folds["accuracy"], s=50, zorder=3, label=f"one fold of {unit.many} held out"
    )
    between = f"95 % interval, by {unit.one}"
    value, low, high = accuracy.value, accuracy.low, accuracy.high
    if value is not None and low is not None and high is not None:
        axes.axhline(value, color="black", lw=1, label=f"all folds together: {value:.4f}")
        axes.axhspan(low, high, color="black", alpha=0.1, lw=0, label=between)
    for name, fold in zip(names, folds.itertuples(), strict=True):
        axes.annotate(
            f"{fold.accuracy:.3f}",
            (name, fold.accuracy),
            (8, 0),
            textcoords="offset points",
            va="center",
        )
    axes.set(
        title=f"Accuracy on {unit.many} the model never saw",
        xlabel="fold",
        ylabel="accuracy at probability 0.5",
    )
    axes.margins(x=0.15)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(file, dpi=120)
