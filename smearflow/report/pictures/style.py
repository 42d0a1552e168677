"""What pictures have in common."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.ticker import LogLocator, NullFormatter

from smearflow.experiments.plan import name_of
from smearflow.params.model import Value
from smearflow.records.exploration import RunRecord
from smearflow.report.text import readable

LOSS = "validation cross-entropy (nats)"
TOP = 0.98  # of a panel's height: where failures stand, which have no loss
DPI = 110
NOTABLE = "#5e3c99"
FAILED = "#b2182b"

# One colour per kind of curve, wherever it is drawn: red where training fails. From good to bad,
# the order they are drawn in, so that the few bad ones are not covered.
_COLOURS = {
    "healthy": "#1a9850",
    "saturated": "#636363",
    "still improving": "#4393c3",
    "noisy late": "#35978f",
    "loss rising while accuracy still rises": "#c994c7",
    "overfitting": "#8073ac",
    "stagnated": "#8c6d31",
    "training loss rising": "#e08214",
    "exploding": "#ef6548",
    "diverged": FAILED,
}


def colour_of(kind: str) -> str:
    """The colour of a kind of curve."""
    return _COLOURS.get(kind, "k")


def kind_of(label: str) -> str:
    """A label of `diagnose` without its epoch, so that alike curves share a line of a legend."""
    return label.split(" from epoch")[0]


def by_kind(
    runs: Sequence[RunRecord], labels: Mapping[str, str]
) -> list[tuple[str, list[RunRecord]]]:
    """The runs by the kinds of their curves, good ones first."""
    order = list(_COLOURS)
    groups: dict[str, list[RunRecord]] = {}
    for run in runs:
        groups.setdefault(kind_of(labels[run.id]), []).append(run)
    return sorted(groups.items(), key=lambda pair: order.index(pair[0]) if pair[0] in order else -1)


def completed(runs: Iterable[RunRecord]) -> list[RunRecord]:
    """The runs that did not diverge."""
    return [run for run in runs if run.status == "completed"]


def settings_in_words(settings: Mapping[str, Value]) -> str:
    """Settings such as `adam, learning rate 0.0002`."""
    return readable(name_of(settings))


def with_gaps(series: Iterable[float | None]) -> list[float]:
    """A series for drawing: a line breaks where there is no finite value."""
    return [math.nan if value is None else value for value in series]


def log_axis(axis: Any) -> None:
    """Plain numbers at 1, 2 and 5 of each decade, also where the axis spans less than one."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def loss_axis(panel: Any) -> None:
    """Losses, already drawn, on a logarithmic scale with plain numbers."""
    if not math.isfinite(panel.dataLim.minposy):  # none was finite, and the scale needs bounds
        panel.set_ylim(0.1, 1)
    panel.set_yscale("log")
    log_axis(panel.yaxis)
    panel.grid(alpha=0.3)


def legend_below(figure: Any, panel: Any, columns: int) -> None:
    """A panel's legend below all panels, where it covers nothing and takes no width from them."""
    handles, names = panel.get_legend_handles_labels()
    if handles:
        figure.legend(handles, names, loc="outside lower center", ncols=columns, fontsize="small")
