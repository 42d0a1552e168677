"""An exploration as flat tables, which `dvc plots` draws and `dvc exp show` compares."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smearflow.analysis.runs import Analysis
from smearflow.experiments.plan import RunRecord
from smearflow.ground.files import write_json

PLACES = ("best", "second", "third")


def write_tables(folder: Path, runs: Sequence[RunRecord], analysis: Analysis) -> None:
    """Write metrics.json, curves.json and comparisons.json into a folder.

    Args:
        runs: of the exploration, as runs.json has them.
        analysis: of `analyse_runs`.
    """
    ranked = sorted(
        (run for run in runs if run["status"] == "completed"), key=lambda run: run["val_loss"]
    )
    write_json(folder / "metrics.json", _metrics(ranked, analysis))
    write_json(folder / "curves.json", _curves(ranked[: len(PLACES)]))
    write_json(folder / "comparisons.json", _comparisons(analysis["comparisons"]))


def _metrics(ranked: Sequence[RunRecord], analysis: Analysis) -> dict[str, Any]:
    best = ranked[0] if ranked else {"val_loss": None, "val_accuracy": None}
    return {
        "runs": analysis["runs"],
        "diverged": analysis["diverged"],
        "best_val_loss": best["val_loss"],
        "best_val_accuracy": best["val_accuracy"],
    }


def _curves(best: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """A row per epoch, a column per run: its validation loss, missing where it had stopped."""
    curves = dict(zip(PLACES, (run["curve"]["val_loss"] for run in best), strict=False))
    epochs = max(map(len, curves.values()), default=0)
    return [
        {"epoch": epoch + 1}
        | {place: losses[epoch] for place, losses in curves.items() if epoch < len(losses)}
        for epoch in range(epochs)
    ]


def _comparisons(comparisons: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row per alternative that trained: its mean validation loss, standard deviation, and n."""
    return [
        {
            "alternative": f"{comparison['name']}: {row['name']}",
            "val_loss": row["val_loss"]["mean"],
            "std": row["val_loss"]["std"],
            "n": row["n"],
        }
        for comparison in comparisons
        for row in comparison["rows"]
        if row["n"]
    ]
