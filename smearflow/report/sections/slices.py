"""On which kind of cell the model is worse than on the rest, with pictures of such cells."""

from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.records.slices import Slice, Slices
from smearflow.report.assessed import Assessed
from smearflow.report.elements import Gallery, Section, Table
from smearflow.report.run import PipelineRun
from smearflow.report.spacing import spaced
from smearflow.report.text import enumerate_words, number, short_name, with_interval

_NAMED = 3  # slices, at most
_SHOWN = 12  # cells of each
_NAMES = {"sharpness": "sharpness", "brightness": "brightness", "cell_area": "cell size"}
_QUARTERS = {"1": "lowest quarter", "2": "second quarter", "3": "third quarter", "4": "top quarter"}


def slices_section(root: Path, run: PipelineRun) -> Section | None:
    """Figures by stain, sharpness, brightness and cell size, the worst first."""
    found = Slices.read_if_there(root)
    if found is None or run.assessed is None:
        return None
    worse = [each for each in found.slices if each.worse]
    parts = pd.read_parquet(Slices.path(root).with_name("slices.parquet"))
    galleries = [_gallery(run.assessed, each, parts) for each in worse[:_NAMED]]
    table = _table(found, run)
    return Section(
        "slices", "By kind of cell", _sentences(found, worse), [table], galleries=galleries
    )


def _sentences(found: Slices, worse: list[Slice]) -> list[str]:
    compared = (
        f"Each of {len(found.slices)} parts of the test cells was compared with all the others, by "
        "a bootstrap that allows for how many parts there are."
    )
    if not worse:
        return [compared, "On none of them is it worse than chance explains."]
    told = enumerate_words([_told(each) for each in worse[:_NAMED]])
    more = f", and {len(worse) - _NAMED} more" if len(worse) > _NAMED else ""
    return [compared, f"It is worse on {told}{more}."]


def _told(found: Slice) -> str:
    return f"{_name(found)} ({number(found.accuracy.value)} instead of {number(found.rest)})"


def _name(found: Slice) -> str:
    """`C7`, `stain 2`, `the lowest quarter of sharpness`."""
    if found.dimension == "patient":
        return short_name(found.part)
    if found.dimension == "stain":
        return f"stain {found.part}"
    return f"the {_QUARTERS[found.part]} of {_NAMES[found.dimension]}"


def _table(found: Slices, run: PipelineRun) -> Table:
    """All parts but single patients who do not stand out: those have a table of their own."""
    shown = [each for each in found.slices if each.dimension != "patient" or each.worse]
    names = ("accuracy", "sensitivity", "specificity")
    columns = ("part", "values", "cells", run.unit.many, *names, "accuracy on the rest", "worse")
    rows = [
        (
            _name(each),
            _values(each, found),
            number(each.cells),
            number(each.patients),
            *(with_interval(getattr(each, name)) for name in names),
            number(each.rest),
            "yes" if each.worse else "",
        )
        for each in shown
    ]
    caption = f"Parts of the test cells, the worst first (in brackets: {found.interval})"
    return Table(run.unit.instead(caption), columns, rows, columns[:2], aside=False)


def _values(each: Slice, found: Slices) -> str:
    """What the cells of a part have in common, in numbers."""
    if each.dimension == "stain":
        density = found.stains[int(each.part) - 1]
        return "optical density " + " / ".join(f"{value:.2f}" for value in density)
    if each.low is None and each.high is None:
        return ""
    if each.low is None:
        return f"below {_short(each.high)}"
    return f"from {_short(each.low)}" + ("" if each.high is None else f" to {_short(each.high)}")


def _short(value: float | None) -> str:
    return f"{value:.3g}" if value is not None and abs(value) < 1000 else f"{value:,.0f}"


def _gallery(assessed: Assessed, found: Slice, parts: pd.DataFrame) -> Gallery:
    """Its mistaken cells, up to half of those shown, and others."""
    if found.dimension == "patient":
        inside = assessed.assessment.patients == found.part
    else:
        inside = (parts[found.dimension] == found.part).to_numpy()
    wrong, right = np.flatnonzero(inside & assessed.wrong), np.flatnonzero(inside & ~assessed.wrong)
    mistaken = spaced(wrong.tolist(), _SHOWN // 2)
    chosen = [*mistaken, *spaced(right.tolist(), _SHOWN - len(mistaken))]
    name = _name(found)
    caption = f"{name[0].upper()}{name[1:]}: {len(mistaken)} of {len(wrong)} mistakes, then others"
    return Gallery(name, caption, [assessed.picture(index) for index in chosen])
