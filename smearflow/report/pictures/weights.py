"""Histograms of weights over epochs, as the published method reads them in TensorBoard."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from smearflow.records.exploration import Histogram, Landmarks, RunRecord
from smearflow.report.pictures.style import DPI
from smearflow.report.text import readable

_LAYERS = ("first", "last", "hidden", "classifier")
_PARTS = ("kernel", "bias")
_OVERLAP = 1.5  # height of a ridge, in distances between two


def plot_weights(run: RunRecord, histograms: Landmarks, name: str, path: Path) -> None:
    """A panel per layer and part: a ridge before training, and above it one after each epoch.

    Args:
        run: the run whose weights they are.
        name: of the run, in a word or two.
    """
    epochs = len(run.curve["loss"])
    figure = Figure(figsize=(13, 4.4 + 0.3 * epochs), layout="constrained")
    figure.suptitle(f"{_described(run, name)}\n{_READING}", fontsize="medium")
    panels = figure.subplots(len(_PARTS), len(_LAYERS))
    for row, part in zip(panels, _PARTS, strict=True):
        for panel, layer in zip(row, _LAYERS, strict=True):
            landmark = f"{layer} {part}"
            found = histograms.get(landmark, ())
            _draw(panel, found)
            title = f"{landmark}{_moved(run, landmark)}" if found else landmark
            panel.set_title(title, fontsize="small")
        row[0].set_ylabel("epoch (0: before training)", fontsize="small")
    figure.savefig(path, dpi=DPI)


_READING = (
    "how often each value occurs among a layer's weights (kernel) and offsets (bias): "
    "a shape that stays is a layer that hardly learns"
)


def _described(run: RunRecord, name: str) -> str:
    settings = run.configuration
    loss = "diverged" if run.val_loss is None else f"validation loss {run.val_loss:.3f}"
    return (
        f"{name}: {settings.optimizer}, learning rate {settings.learning_rate:.3g}, "
        f"trained layers: {readable(str(settings.trainable))}, seed {run.seed}, {loss}"
    )


def _draw(panel: Any, histograms: Sequence[Histogram]) -> None:
    """Ridges one behind the other, the first in front."""
    if not histograms:
        panel.text(0.5, 0.5, "not trained, or none", ha="center", transform=panel.transAxes)
        panel.set(xticks=[], yticks=[])
        return
    for place, each in enumerate(histograms):
        front = len(histograms) - place + 2
        shade = colormaps["Purples"](0.35 + 0.6 * place / len(histograms))
        if each.low == each.high:  # as biases are before training
            panel.vlines(each.low, place, place + _OVERLAP, color=shade, zorder=front)
            continue
        counts = np.asarray(each.counts, float)
        edges = np.linspace(each.low, each.high, len(counts) + 1)
        heights = place + _OVERLAP * counts / max(counts.max(), 1)
        panel.stairs(heights, edges, baseline=place, fill=True, color=shade, zorder=front)
        panel.stairs(heights, edges, baseline=place, color="0.2", linewidth=0.4, zorder=front)
    panel.set_yticks(range(len(histograms)))
    panel.set_ylim(-0.2, len(histograms) + _OVERLAP - 0.8)
    panel.xaxis.set_major_locator(MaxNLocator(5))  # more labels run into each other
    panel.tick_params(labelsize="x-small")


def _moved(run: RunRecord, landmark: str) -> str:
    """By how much a landmark changed, relative to its length before training."""
    change = run.weight_change.get(landmark)
    if change is None:
        return ": no longer finite"
    return f": moved by {change:.1%}"
