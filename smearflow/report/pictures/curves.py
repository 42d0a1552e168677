"""Curves over epochs: of all runs of an experiment, of its best three, and their gradients."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.experiments.plan import varied_fields
from smearflow.params.explore import Experiment
from smearflow.records.exploration import RunRecord
from smearflow.report.pictures.style import (
    DPI,
    LOSS,
    TOP,
    by_kind,
    colour_of,
    completed,
    legend_below,
    loss_axis,
    settings_in_words,
    with_gaps,
)

TOP_RUNS = 3
_HIGHEST_LOSS = 3.0  # nats drawn; a diverged run would press all others flat


def plot_runs(
    question: str,
    experiment: Experiment,
    runs: Sequence[RunRecord],
    labels: Mapping[str, str],
    path: Path,
) -> None:
    """Loss over epochs: all runs, coloured by what their curves say, and the best three.

    Args:
        question: that the experiment asks.
        runs: of the experiment.
        labels: of `diagnose`, by the id of a run.
    """
    figure = Figure(figsize=(13, 5.4), layout="constrained")
    figure.suptitle(question, fontsize="medium")
    every, best = figure.subplots(1, 2)
    _draw_every(every, runs, labels, "val_loss")
    every.set_title(f"all {len(runs)} runs, validation; × = diverged", fontsize="medium")
    every.legend(fontsize="small", loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2)
    _draw_best(best, experiment, runs, labels)
    for panel in (every, best):
        panel.set(xlabel="epoch", ylabel=LOSS)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        loss_axis(panel)
        low, high = panel.get_ylim()
        if low < _HIGHEST_LOSS < high:
            panel.set_ylim(top=_HIGHEST_LOSS)
    legend_below(figure, best, columns=1)
    figure.savefig(path, dpi=DPI)


def _draw_every(
    panel: Any, runs: Sequence[RunRecord], labels: Mapping[str, str], series: str
) -> None:
    """All runs; a cross at the upper edge where one diverged: was no longer finite, or ended."""
    for kind, own in by_kind(runs, labels):
        colour = colour_of(kind)
        panel.plot([], [], color=colour, label=f"{kind} ({len(own)})")
        for run in own:
            values = run.curve[series]
            _draw(panel, values, "-", color=colour, alpha=0.7, linewidth=1.2)
            if run.status == "diverged":
                across = panel.get_xaxis_transform()
                epoch = values.index(None) + 1 if None in values else len(values)
                panel.plot(epoch, TOP, "x", color=colour, transform=across)


def _draw_best(
    panel: Any, experiment: Experiment, runs: Sequence[RunRecord], labels: Mapping[str, str]
) -> None:
    ranked = sorted(completed(runs), key=lambda run: run.loss)[:TOP_RUNS]
    title = f"the best {len(ranked)}, whatever their curves: validation solid, training dashed"
    panel.set_title(title if ranked else "none trained without diverging", fontsize="medium")
    for number, run in enumerate(ranked):
        settings = {name: getattr(run.configuration, name) for name in varied_fields([experiment])}
        words = (
            f"{run.val_loss:.3f} in epoch {run.best_epoch} ({labels[run.id]}): "
            f"{settings_in_words(settings)}, seed {run.seed}"
        )
        _draw(panel, run.curve["val_loss"], ".-", color=f"C{number}", label=words)
        _draw(panel, run.curve["loss"], "--", color=f"C{number}", alpha=0.6)


def _draw(panel: Any, series: Sequence[float | None], style: str, **options: Any) -> None:
    panel.plot(range(1, len(series) + 1), with_gaps(series), style, **options)


def plot_gradients(runs: Sequence[RunRecord], labels: Mapping[str, str], path: Path) -> None:
    """The largest gradient norm of each epoch, of all runs, coloured by what their curves say."""
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    panel = figure.subplots()
    _draw_every(panel, runs, labels, "gradient_norm")
    panel.set(xlabel="epoch", ylabel="largest gradient norm, before clipping", yscale="log")
    panel.set_title(
        "How hard training pulled at the weights: the largest gradient norm of each epoch\n"
        "(a line per run; × = diverged)",
        fontsize="medium",
    )
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.grid(alpha=0.3)
    legend_below(figure, panel, columns=4)
    figure.savefig(path, dpi=DPI)
