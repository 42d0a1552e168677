"""Axis plots: the loss of every run against each number that was varied."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from smearflow.experiments.plan import varied_fields
from smearflow.params.explore import Experiment
from smearflow.records.analysis.surface import GoodInterval
from smearflow.records.exploration import RunRecord
from smearflow.report.pictures.scales import ticks, with_zero
from smearflow.report.pictures.style import DPI, LOSS, TOP, legend_below, loss_axis
from smearflow.report.text import readable

_ACROSS = 3  # panels in a row
_COLOURS = ("C0", "C1", "C2", "C3", "C4", "C5", "C6", "C8", "C9", "k")  # C7 is grey
_ELSEWHERE = "0.8"  # colour of runs of which a parameter was not varied


def plot_axes(
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    bounds: Sequence[GoodInterval],
    path: Path,
) -> None:
    """A panel per number: completed runs as dots, diverged ones as crosses at the upper edge.

    Runs have the colour of the first of their experiments that varies the number; where none does,
    they stand behind in grey, and crosses, which that number did not cause, are left out.

    Args:
        bounds: at least one.
    """
    rows = math.ceil(len(bounds) / _ACROSS)
    figure = Figure(figsize=(4.4 * _ACROSS, 3.5 * rows + 0.6), layout="constrained")
    figure.suptitle(
        "Every run against each number: good values green, searched ones between the dotted lines",
        fontsize="medium",
    )
    panels = figure.subplots(rows, _ACROSS, sharey=True, squeeze=False).ravel()
    for panel, bound in zip(panels, bounds, strict=False):
        _draw(panel, experiments, runs, bound)
    for panel in panels[len(bounds) :]:
        panel.set_visible(False)
    for panel in panels[::_ACROSS]:
        panel.set_ylabel(LOSS)
    _explain(figure, panels[0], experiments, bounds)
    figure.savefig(path, dpi=DPI)


def _draw(
    panel: Any,
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    bound: GoodInterval,
) -> None:
    name = bound.name
    numbers = [getattr(run.configuration, name) for run in runs]
    edges = [*bound.searched, *bound.good]
    places, texts = [*edges, *numbers], None
    if bound.sampling == "log":
        texts = ticks(places)
        places = with_zero(places)
        panel.set_xscale("log")
        panel.set_xticks(*texts)
        panel.minorticks_off()
    panel.axvspan(*places[2:4], color="#1a9850", alpha=0.15, linewidth=0)
    for edge in places[:2]:
        panel.axvline(edge, color="0.4", linestyle=":")
    by_colour: dict[str, list[tuple[RunRecord, float]]] = {_ELSEWHERE: []}
    for run, place in zip(runs, places[4:], strict=True):
        by_colour.setdefault(_colour(name, run, experiments), []).append((run, place))
    for colour, own in by_colour.items():
        _mark(panel, own, colour)
    panel.set_title(readable(name), fontsize="medium")
    loss_axis(panel)


def _mark(panel: Any, placed: Sequence[tuple[RunRecord, float]], colour: str) -> None:
    losses = [(place, run.loss) for run, place in placed if run.status == "completed"]
    if losses:
        panel.plot(*zip(*losses, strict=True), ".", color=colour, alpha=0.8)
    failed = [place for run, place in placed if run.status != "completed"]
    if failed and colour != _ELSEWHERE:
        across = panel.get_xaxis_transform()
        panel.plot(failed, [TOP] * len(failed), "x", color=colour, transform=across)


def _colour(name: str, run: RunRecord, experiments: Sequence[Experiment]) -> str:
    for number, experiment in enumerate(experiments):
        if experiment.name in run.experiments and name in varied_fields([experiment]):
            return _COLOURS[number % len(_COLOURS)]
    return _ELSEWHERE


def _explain(
    figure: Figure,
    panel: Any,
    experiments: Sequence[Experiment],
    bounds: Sequence[GoodInterval],
) -> None:
    """A legend of the experiments that vary any of the numbers."""
    names = {bound.name for bound in bounds}
    for number, experiment in enumerate(experiments):
        if names.intersection(varied_fields([experiment])):
            colour = _COLOURS[number % len(_COLOURS)]
            panel.plot([], [], ".", color=colour, label=experiment.name)
    panel.plot([], [], ".", color=_ELSEWHERE, label="not varied there")
    panel.plot([], [], "x", color="0.3", label="diverged")
    legend_below(figure, panel, columns=6)
