"""Pictures of training curves."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from smearflow.model.curves import Curve

_FEW = 3  # curves in a row of which training is drawn too
_HIGHEST_LOSS = 3.0  # nats drawn; a diverged run would press all others flat


def plot_curves(groups: Mapping[str, Sequence[tuple[str, Curve]]], path: Path, title: str) -> None:
    """Draw loss and accuracy over epochs, a row of two panels per group.

    Args:
        groups: for each title of a row, its curves with a label each; curves with one label share
            a colour. Validation is drawn solid; training, dashed, only where a row has few curves.
    """
    figure = Figure(figsize=(13, 4.2 * len(groups) + 0.5), layout="constrained")
    figure.suptitle(title)
    rows = figure.subplots(len(groups), 2, squeeze=False)
    for panels, (name, curves) in zip(rows, groups.items(), strict=True):
        labels = list(dict.fromkeys(label for label, _ in curves))
        for label, curve in curves:
            _draw(panels, curve, f"C{labels.index(label) % 10}", training=len(curves) <= _FEW)
        for number, label in enumerate(labels):
            panels[1].plot([], [], ".-", color=f"C{number % 10}", label=label)
        _describe(panels, name, training=len(curves) <= _FEW)
    figure.savefig(path, dpi=110)


def log_axis(axis: Any) -> None:
    """Plain numbers at 1, 2 and 5 of each decade, also where the axis spans less than one."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def _draw(panels: Any, curve: Curve, colour: str, *, training: bool) -> None:
    for panel, series in zip(panels, ("loss", "accuracy"), strict=True):
        epochs = range(1, len(curve["loss"]) + 1)
        if training:
            panel.plot(epochs, _with_gaps(curve[series]), "--", color=colour, alpha=0.7)
        panel.plot(epochs, _with_gaps(curve[f"val_{series}"]), ".-", color=colour)


def _with_gaps(values: list[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _describe(panels: Any, name: str, *, training: bool) -> None:
    lines = "validation solid, training dashed" if training else "validation"
    for panel, quantity in zip(panels, ("cross-entropy (nats)", "accuracy"), strict=True):
        panel.set(xlabel="epoch", ylabel=quantity, title=f"{name} ({lines})")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
    panels[0].set_yscale("log")
    log_axis(panels[0].yaxis)
    panels[0].set_ylim(top=min(panels[0].get_ylim()[1], _HIGHEST_LOSS))
    panels[1].legend(fontsize="small", loc="center left", bbox_to_anchor=(1.02, 0.5))
