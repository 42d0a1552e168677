"""Which parameters move the loss, and which do so together."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from smearflow.records.analysis.surface import Importances, Interactions
from smearflow.report.pictures.style import DPI, NOTABLE
from smearflow.report.text import readable

_FAINT = "#d9d4e3"
_WORTH_TELLING = 0.001  # smaller p are all the same


def plot_importance(importance: Importances, matters: Collection[str], path: Path) -> None:
    """A bar per parameter with its interval; dark where the runs show that it matters.

    Args:
        importance: with at least one parameter.
        matters: the parameters of which an effect is found.
    """
    rows = importance.parameters[::-1]
    places = np.arange(len(rows))
    figure = Figure(figsize=(9, 0.36 * len(rows) + 1.6), layout="constrained")
    panel = figure.subplots()
    shares = np.array([row.share for row in rows])
    reach = np.array([[row.share - row.low, row.high - row.share] for row in rows])
    colours = [NOTABLE if row.name in matters else _FAINT for row in rows]
    panel.barh(places, shares, color=colours, alpha=0.75)
    panel.errorbar(shares, places, xerr=np.maximum(reach.T, 0), fmt="none", color="k", capsize=3)
    panel.set_yticks(places, [readable(row.name) for row in rows])
    panel.set_xlim(left=0)
    panel.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    panel.set_xlabel("share of the variance of the log validation loss; lines: 95 % interval")
    panel.set_title(
        "How much of the differences between runs each parameter accounts for\n"
        "(dark: an effect; pale: none that can be told from noise)",
        fontsize="medium",
    )
    panel.grid(alpha=0.3, axis="x")
    panel.set_axisbelow(True)
    figure.savefig(path, dpi=DPI)


def plot_interactions(interactions: Interactions, path: Path) -> None:
    """A square per pair of parameters that was tested, dark where they interact.

    Args:
        interactions: with at least one pair.
    """
    pairs = interactions.pairs
    squares, columns, rows = _arrange([pair.parameters for pair in pairs])
    figure = Figure(figsize=(0.8 * len(columns) + 4, 0.42 * len(rows) + 2.4), layout="constrained")
    panel = figure.subplots()
    for pair, (column, row) in zip(pairs, squares, strict=True):
        colour, ink = (NOTABLE, "white") if pair.found else (_FAINT, "black")
        panel.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, color=colour))
        panel.text(column, row, _chance(pair.p), ha="center", va="center", color=ink, size=9)
    panel.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    panel.set_xticks(range(len(columns)), map(readable, columns), rotation=40, ha="right")
    panel.set_yticks(range(len(rows)), map(readable, rows))
    panel.tick_params(length=0)
    panel.spines[:].set_visible(False)
    figure.suptitle(
        "Dark pairs must be tuned together\n(number: p, how often chance alone\n"
        "would show as much; empty: not tested)",
        fontsize="medium",
    )
    figure.savefig(path, dpi=DPI)


def _arrange(
    pairs: Sequence[Sequence[str]],
) -> tuple[list[tuple[int, int]], list[str], list[str]]:
    """Column and row of each pair, one half of a matrix; the names of its columns and rows.

    Parameters of many pairs come first, which leaves fewer columns and gaps.
    """
    uses = Counter(name for pair in pairs for name in pair)
    names = [name for name, _ in uses.most_common()]
    ordered = [sorted(pair, key=names.index) for pair in pairs]
    columns = [name for name in names if any(name == first for first, _ in ordered)]
    rows = [name for name in names if any(name == second for _, second in ordered)]
    return [(columns.index(first), rows.index(second)) for first, second in ordered], columns, rows


def _chance(p: float) -> str:
    return f"< {_WORTH_TELLING:g}" if p < _WORTH_TELLING else f"{p:.2g}"
