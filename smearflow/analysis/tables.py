"""An exploration as flat tables, which `dvc plots` draws and `dvc exp show` compares."""

from collections.abc import Sequence
from pathlib import Path

from smearflow.ground.files import write_json
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.comparison import Comparison
from smearflow.records.exploration import RunRecord

PLACES = ("best", "second", "third")


def write_tables(folder: Path, runs: Sequence[RunRecord], analysis: Analysis) -> None:
    """Write metrics.json, curves.json and comparisons.json into a folder.

    Args:
        runs: of the exploration.
        analysis: of `analyse_runs`.
    """
    ranked = sorted((run for run in runs if run.status == "completed"), key=lambda run: run.loss)
    write_json(folder / "metrics.json", _metrics(ranked, analysis))
    write_json(folder / "curves.json", _curves(ranked[: len(PLACES)]))
    write_json(folder / "comparisons.json", _comparisons(analysis.comparisons))


def _metrics(ranked: Sequence[RunRecord], analysis: Analysis) -> dict[str, float | None]:
    best = ranked[0] if ranked else None
    return {
        "runs": analysis.runs,
        "diverged": analysis.diverged,
        "best_val_loss": best.val_loss if best else None,
        "best_val_accuracy": best.val_accuracy if best else None,
    }


def _curves(best: Sequence[RunRecord]) -> list[dict[str, float | None]]:
    """A row per epoch, a column per run: its validation loss, missing where it had stopped."""
    curves = dict(zip(PLACES, (run.curve["val_loss"] for run in best), strict=False))
    epochs = max(map(len, curves.values()), default=0)
    return [
        {"epoch": epoch + 1}
        | {place: losses[epoch] for place, losses in curves.items() if epoch < len(losses)}
        for epoch in range(epochs)
    ]


def _comparisons(comparisons: Sequence[Comparison]) -> list[dict[str, str | float | None]]:
    """A row per alternative that trained: its mean validation loss, standard deviation, and n."""
    return [
        {
            "alternative": f"{comparison.name}: {row.name}",
            "val_loss": row.val_loss.mean,
            "std": row.val_loss.std,
            "n": row.n,
        }
        for comparison in comparisons
        for row in comparison.rows
        if row.n
    ]
