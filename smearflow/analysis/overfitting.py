"""Whether runs overfit, and whether regularisers help."""

import statistics
from collections.abc import Iterator, Mapping, Sequence

from smearflow.analysis.conclusions import Surfaces
from smearflow.analysis.regularisers import REGULARISERS, dose_of
from smearflow.records.analysis.analysis import Overfitting
from smearflow.records.analysis.surface import Regulariser, Verdict
from smearflow.records.exploration import RunRecord


def overfitting(
    runs: Sequence[RunRecord],
    labels: Mapping[str, str],
    surfaces: Surfaces,
    verdicts: Sequence[Verdict],
) -> Overfitting:
    """How many runs overfit, by how much, and what regularisers do to the loss.

    Args:
        runs: at least one did not diverge.
        labels: of `diagnose`, by the id of a run.
        verdicts: of `conclude`, of the same surfaces.
    """
    completed = [run for run in runs if run.status == "completed"]
    overfitted = [run for run in completed if labels[run.id].startswith("overfitting")]
    gaps = [gap for run in completed if (gap := _gap(run)) is not None]
    return Overfitting(
        completed=len(completed),
        overfitted=len(overfitted),
        share=len(overfitted) / len(completed),
        gap=statistics.median(gaps),
        regularisers=tuple(_regularisers(surfaces, verdicts)),
    )


def _gap(run: RunRecord) -> float | None:
    """By how much the validation loss of the best epoch is higher than the training loss."""
    if run.best_epoch is None:
        return None
    loss, val_loss = (run.curve[name][run.best_epoch - 1] for name in ("loss", "val_loss"))
    return None if loss is None or val_loss is None else val_loss - loss


def _regularisers(surfaces: Surfaces, verdicts: Sequence[Verdict]) -> Iterator[Regulariser]:
    """What the dose of each does, by the surface that tells of it; whether it helps, by verdict."""
    for verdict in verdicts:
        surface = surfaces.tells(verdict.name) if verdict.name in REGULARISERS else None
        dose = None if surface is None else dose_of(verdict.name, surface)
        if dose is not None:
            sure = verdict.has_effect and not dose.low <= 0 <= dose.high
            yield Regulariser(
                name=verdict.name,
                effect=dose.effect,
                low=dose.low,
                high=dose.high,
                helps=dose.helps if sure else None,
            )
