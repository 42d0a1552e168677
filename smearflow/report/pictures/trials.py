"""Pictures of a search."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.records.search.trials import TrialRecord
from smearflow.report.pictures.style import LOSS, TOP, log_axis


def plot_trials(trials: Sequence[TrialRecord], path: Path) -> None:
    """Validation loss of each trial, in order and against its learning rate."""
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    order, rates = figure.subplots(1, 2, sharey=True)
    _draw_order(order, trials)
    _draw_rates(rates, [trial for trial in trials if trial.status == "COMPLETED"])
    order.set_yscale("log")
    log_axis(order.yaxis)
    for panel in (order, rates):
        panel.grid(alpha=0.3)
        panel.legend()
    figure.savefig(path, dpi=110)


def _draw_order(panel: Any, trials: Sequence[TrialRecord]) -> None:
    numbered = [(int(trial.trial_id), trial) for trial in trials]  # as the table has them
    completed = [(number, trial) for number, trial in numbered if trial.status == "COMPLETED"]
    numbers, losses = zip(*((n, trial.loss) for n, trial in completed), strict=True)
    panel.plot(numbers, losses, "o", label="trial")
    best = list(itertools.accumulate(losses, min))
    panel.step(numbers, best, where="post", color="C1", label="best so far")
    failed = [number for number, trial in numbered if trial.status != "COMPLETED"]
    if failed:
        top = panel.get_xaxis_transform()
        panel.plot(failed, [TOP] * len(failed), "x", color="C3", transform=top, label="failed")
    panel.set(xlabel="trial", ylabel=LOSS, title=f"{len(trials)} trials in order")
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))


def _draw_rates(panel: Any, completed: Sequence[TrialRecord]) -> None:
    points: dict[str, list[tuple[float, float]]] = {}
    for trial in completed:
        configuration = trial.configuration
        same = points.setdefault(configuration.hidden_activation, [])
        same.append((configuration.learning_rate, trial.loss))
    for activation, pairs in sorted(points.items()):
        panel.plot(*zip(*pairs, strict=True), "o", label=f"{activation} hidden layer")
    panel.set(xlabel="learning rate", xscale="log", title="by learning rate")
    log_axis(panel.xaxis)
