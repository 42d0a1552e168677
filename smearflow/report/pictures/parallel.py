"""Parallel coordinates of all runs: interactive, in a file of its own, without a network."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

import plotly.graph_objects as go

from smearflow.ground.files import write_bytes
from smearflow.records.exploration import RunRecord
from smearflow.report.pictures.scales import is_logarithmic, ticks, with_zero
from smearflow.report.pictures.style import completed
from smearflow.report.text import readable

_ACROSS = 130  # pixels per axis
_MARGIN = {"l": 90, "r": 40, "t": 150, "b": 40}
_TITLE = (
    "Every run that trained is a line from its settings to its validation loss (dark: low)."
    "<br>Drag along an axis to keep some runs, click it to keep all; drag a name to move the axis."
)


class Axis(TypedDict, total=False):
    """An axis as Plotly draws it.

    Attributes:
        values: the place of each line.
        tickvals: places with a text; none has Plotly choose them.
    """

    label: str
    values: list[float]
    tickvals: list[float]
    ticktext: list[str]


def write_parallel(path: Path, runs: Sequence[RunRecord], varied: Sequence[str]) -> None:
    """A line per completed run, an axis per varied parameter, the last one the validation loss.

    Args:
        varied: fields of the configuration; one that has the same value in all runs is left out.
    """
    trained = completed(runs)
    columns = {name: [getattr(run.configuration, name) for run in trained] for name in varied}
    axes = [_axis(name, values) for name, values in columns.items() if _differ(values)]
    loss = _numbers("validation loss", [run.loss for run in trained], logarithmic=True)
    colours = {
        "color": loss["values"],
        "colorscale": "Viridis",
        "showscale": True,
        "colorbar": {
            "title": {"text": "validation loss"},
            "tickvals": loss["tickvals"],
            "ticktext": loss["ticktext"],
        },
    }
    figure = go.Figure(go.Parcoords(line=colours, dimensions=[*axes, loss], labelangle=-25))
    figure.update_layout(
        title={"text": _TITLE, "font": {"size": 14}},
        margin=_MARGIN,
        width=_ACROSS * (len(axes) + 2) + _MARGIN["l"],
        height=620,
    )
    write_bytes(path, figure.to_html(include_plotlyjs=True, div_id="runs").encode())


def _differ(values: Sequence[Any]) -> bool:
    return len({json.dumps(value) for value in values}) > 1


def _axis(name: str, values: list[Any]) -> Axis:
    """Numbers on their scale, anything else as evenly spaced choices."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return _numbers(readable(name), values, logarithmic=is_logarithmic(values))
    texts = [_text(value) for value in values]
    choices = sorted(set(texts))
    return {
        "label": readable(name),
        "values": [choices.index(text) for text in texts],
        "tickvals": list(range(len(choices))),
        "ticktext": choices,
    }


def _numbers(name: str, values: list[float], *, logarithmic: bool) -> Axis:
    if not logarithmic:
        return {"label": name, "values": values}
    places, texts = ticks(values)
    return {
        "label": name,
        "values": [math.log10(value) for value in with_zero(values)],
        "tickvals": [math.log10(place) for place in places],
        "ticktext": texts,
    }


def _text(value: Any) -> str:
    """A choice as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
