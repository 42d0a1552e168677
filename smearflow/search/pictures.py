"""Pictures of explorations and searches."""

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from smearflow.model.pictures import log_axis
from smearflow.params import Experiment
from smearflow.search.analysis import RunRecord
from smearflow.search.plan import grid, label
from smearflow.search.tuner import TrialRecord

_LOSS = "validation cross-entropy (nats)"


def plot_comparison(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], path: Path
) -> None:
    """Validation loss against the nuisance settings, a line per scientific value.

    A panel per experiment; points are means over seeds, bars standard deviations, small dots the
    runs. Where a run diverged, a cross stands at the upper edge instead.
    """
    figure = Figure(figsize=(8, 4.8 * len(experiments)), layout="constrained")
    panels = figure.subplots(len(experiments), squeeze=False)[:, 0]
    for panel, experiment in zip(panels, experiments, strict=True):
        own = [run for run in runs if experiment.name in run["experiments"]]
        _draw_experiment(panel, experiment, own)
    figure.savefig(path, dpi=110)


def _draw_experiment(panel: Any, experiment: Experiment, runs: list[RunRecord]) -> None:
    places = [label(nuisance) or "no nuisance" for nuisance in grid(experiment.nuisance)]
    for number, scientific in enumerate(grid(experiment.scientific)):
        shift, colour = 0.06 * number, f"C{number}"
        points = []
        for place, nuisance in enumerate(grid(experiment.nuisance)):
            settings = scientific | nuisance
            seeds = [
                run
                for run in runs
                if all(run["configuration"][name] == value for name, value in settings.items())
            ]
            losses = [run["val_loss"] for run in seeds if run["status"] == "completed"]
            panel.plot([place + shift] * len(losses), losses, ".", color=colour, alpha=0.4)
            if len(losses) < len(seeds):
                panel.plot(
                    place + shift,
                    0.98,
                    "x",
                    color=colour,
                    transform=panel.get_xaxis_transform(),
                    clip_on=False,
                )
            elif losses:
                spread = statistics.stdev(losses) if len(losses) > 1 else 0.0
                points.append((place + shift, statistics.fmean(losses), spread))
        if points:
            panel.errorbar(
                *zip(*points, strict=True),
                fmt="o-",
                color=colour,
                capsize=3,
                label=label(scientific),
            )
        else:
            panel.plot([], [], "x", color=colour, label=label(scientific))
    panel.set(
        title=f"{experiment.question}\n{len(experiment.seeds)} seeds: mean ± standard deviation; "
        "× = a run diverged",
        ylabel=_LOSS,
        xticks=range(len(places)),
        xticklabels=places,
    )
    panel.title.set_fontsize("medium")
    panel.set_yscale("log")
    log_axis(panel.yaxis)
    panel.grid(alpha=0.3)
    panel.legend()


def plot_trials(trials: Sequence[TrialRecord], path: Path) -> None:
    """Validation loss of each trial, in order and against its learning rate."""
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    order, rates = figure.subplots(1, 2, sharey=True)
    completed = [
        (number, trial)
        for number, trial in enumerate(trials, start=1)
        if trial["status"] == "COMPLETED"
    ]
    failed = [n for n, trial in enumerate(trials, start=1) if trial["status"] != "COMPLETED"]
    numbers = [number for number, _ in completed]
    losses = [trial["val_loss"] for _, trial in completed]
    best = [min(losses[: count + 1]) for count in range(len(losses))]
    order.plot(numbers, losses, "o", label="trial")
    order.step(numbers, best, where="post", color="C1", label="best so far")
    if failed:
        top = order.get_xaxis_transform()
        order.plot(failed, [0.98] * len(failed), "x", color="C3", transform=top, label="failed")
    order.set(xlabel="trial", ylabel=_LOSS, title=f"{len(trials)} trials in order")
    order.legend()
    for activation in sorted(
        {trial["configuration"]["hidden_activation"] for _, trial in completed}
    ):
        chosen = [
            (trial["configuration"]["learning_rate"], trial["val_loss"])
            for _, trial in completed
            if trial["configuration"]["hidden_activation"] == activation
        ]
        rates.plot(*zip(*chosen, strict=True), "o", label=f"{activation} hidden layer")
    rates.set(xlabel="learning rate", xscale="log", title="by learning rate")
    rates.legend()
    for panel in (order, rates):
        panel.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
