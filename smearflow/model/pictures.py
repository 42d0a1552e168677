"""Pictures of training curves."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from smearflow.model.curves import Curve

_FEW = 3  # curves in a row of which training is drawn too


def plot_curves(groups: Mapping[str, Mapping[str, Curve]], path: Path, title: str) -> None:
    """Draw loss and accuracy over epochs, a row of two panels per group.

    Args:
        groups: for each title of a row, its curves by label. Validation is drawn solid; training,
            dashed, only where a row has few curves.
    """
    figure = Figure(figsize=(13, 4.2 * len(groups) + 0.5), layout="constrained")
    figure.suptitle(title)
    rows = figure.subplots(len(groups), 2, squeeze=False)
    for panels, (name, curves) in zip(rows, groups.items(), strict=True):
        for number, (label, curve) in enumerate(curves.items()):
            _draw(panels, curve, label, f"C{number % 10}", training=len(curves) <= _FEW)
        _describe(panels, name, training=len(curves) <= _FEW)
    figure.savefig(path, dpi=110)


def _draw(panels: Any, curve: Curve, label: str, colour: str, *, training: bool) -> None:
    for panel, series in zip(panels, ("loss", "accuracy"), strict=True):
        epochs = range(1, len(curve["loss"]) + 1)
        if training:
            panel.plot(epochs, _with_gaps(curve[series]), "--", color=colour, alpha=0.7)
        panel.plot(epochs, _with_gaps(curve[f"val_{series}"]), ".-", color=colour, label=label)


def _with_gaps(values: list[float | None]) -> list[float]:
    return [math.nan if value is None else value for value in values]


def _describe(panels: Any, name: str, *, training: bool) -> None:
    lines = "validation solid, training dashed" if training else "validation"
    for panel, quantity in zip(panels, ("cross-entropy (nats)", "accuracy"), strict=True):
        panel.set(xlabel="epoch", ylabel=quantity, title=f"{name} ({lines})")
        panel.grid(alpha=0.3)
    panels[0].set_yscale("log")
    panels[1].legend(fontsize="small", loc="center left", bbox_to_anchor=(1.02, 0.5))
