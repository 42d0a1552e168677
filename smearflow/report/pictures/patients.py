"""What was found of each patient, against what the labels say."""

import pandas as pd
from matplotlib.figure import Figure

from smearflow.assessment.bootstrap import PERCENTILES
from smearflow.report.text import short_name

_COLOURS = {
    "positive": "tab:red",
    "negative": "tab:green",
    "too few cells": "tab:orange",
    "cannot tell": "grey",
}


def plot_parasitaemia(table: pd.DataFrame) -> Figure:
    """Share of infected cells by patient with its interval, against the labelled share.

    Args:
        table: of `smearflow.report.results.patients_table`.
    """
    figure = Figure(figsize=(9, 6), layout="constrained")
    figure.suptitle("Share of infected cells of each patient")
    panel = figure.subplots()
    panel.plot([0, 1], [0, 1], ":", color="grey", label="as labelled")
    labelled = table["positives"] / table["cells"]
    low, high = table["parasitaemia_low"], table["parasitaemia_high"]
    for verdict, colour in _COLOURS.items():
        rows = table["verdict"] == verdict
        if rows.any():
            panel.vlines(labelled[rows], low[rows], high[rows], color=colour, alpha=0.5)
            panel.plot(
                labelled[rows], table["parasitaemia"][rows], "o", color=colour, label=verdict
            )
    for at in table.index[~labelled.between(low, high)]:
        place = (labelled[at], table["parasitaemia"][at])
        name = short_name(table["patient"][at])
        panel.annotate(name, place, (5, 0), textcoords="offset points", va="center")
    panel.set(xlabel="labelled", ylabel="found, corrected for errors", ylim=(-0.02, 1.02))
    panel.grid(alpha=0.3)
    width = PERCENTILES[1] - PERCENTILES[0]
    panel.legend(loc="lower right", title=f"lines: {width:.0f} % intervals; named: outside theirs")
    return figure
