"""Pictures of explorations and searches."""

import itertools
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.model.pictures import log_axis
from smearflow.params import Experiment
from smearflow.search.analysis import RunRecord, has_settings
from smearflow.search.plan import grid, label
from smearflow.search.tuner import TrialRecord

_LOSS = "validation cross-entropy (nats)"
_TOP = 0.98  # of a panel's height


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
    for number, scientific in enumerate(grid(experiment.scientific)):
        seeds = [
            [run for run in runs if has_settings(run, scientific | nuisance)]
            for nuisance in grid(experiment.nuisance)
        ]
        _draw_value(panel, seeds, label(scientific), number)
    places = [label(nuisance) or "no nuisance" for nuisance in grid(experiment.nuisance)]
    panel.set_title(
        f"{experiment.question}\n{len(experiment.seeds)} seeds: mean ± standard deviation; "
        "× = a run diverged",
        fontsize="medium",
    )
    panel.set(ylabel=_LOSS, xticks=range(len(places)), xticklabels=places, yscale="log")
    log_axis(panel.yaxis)
    panel.grid(alpha=0.3)
    panel.legend()


def _draw_value(panel: Any, settings: list[list[RunRecord]], name: str, number: int) -> None:
    """One scientific value: the runs of each nuisance setting, from left to right."""
    colour, points = f"C{number}", []
    for place, runs in enumerate(settings):
        x = place + 0.06 * number  # so that values don't cover each other
        losses = [run["val_loss"] for run in runs if run["status"] == "completed"]
        panel.plot([x] * len(losses), losses, ".", color=colour, alpha=0.4)
        if len(losses) < len(runs):
            panel.plot(x, _TOP, "x", color=colour, transform=panel.get_xaxis_transform())
        elif losses:
            spread = statistics.stdev(losses) if len(losses) > 1 else 0.0
            points.append((x, statistics.fmean(losses), spread))
    if points:
        panel.errorbar(*zip(*points, strict=True), fmt="o-", color=colour, capsize=3, label=name)
    else:
        panel.plot([], [], "x", color=colour, label=name)


def plot_trials(trials: Sequence[TrialRecord], path: Path) -> None:
    """Validation loss of each trial, in order and against its learning rate."""
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    order, rates = figure.subplots(1, 2, sharey=True)
    _draw_order(order, trials)
    _draw_rates(rates, [trial for trial in trials if trial["status"] == "COMPLETED"])
    order.set_yscale("log")
    log_axis(order.yaxis)
    for panel in (order, rates):
        panel.grid(alpha=0.3)
        panel.legend()
    figure.savefig(path, dpi=110)


def _draw_order(panel: Any, trials: Sequence[TrialRecord]) -> None:
    numbered = list(enumerate(trials, start=1))
    completed = [(number, trial) for number, trial in numbered if trial["status"] == "COMPLETED"]
    numbers, losses = zip(*((n, trial["val_loss"]) for n, trial in completed), strict=True)
    panel.plot(numbers, losses, "o", label="trial")
    best = list(itertools.accumulate(losses, min))
    panel.step(numbers, best, where="post", color="C1", label="best so far")
    failed = [number for number, trial in numbered if trial["status"] != "COMPLETED"]
    if failed:
        top = panel.get_xaxis_transform()
        panel.plot(failed, [_TOP] * len(failed), "x", color="C3", transform=top, label="failed")
    panel.set(xlabel="trial", ylabel=_LOSS, title=f"{len(trials)} trials in order")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_rates(panel: Any, completed: list[TrialRecord]) -> None:
    points: dict[str, list[tuple[float, float]]] = {}
    for trial in completed:
        configuration = trial["configuration"]
        same = points.setdefault(configuration["hidden_activation"], [])
        same.append((configuration["learning_rate"], trial["val_loss"]))
    for activation, pairs in sorted(points.items()):
        panel.plot(*zip(*pairs, strict=True), "o", label=f"{activation} hidden layer")
    panel.set(xlabel="learning rate", xscale="log", title="by learning rate")
    log_axis(panel.xaxis)
