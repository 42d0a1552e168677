"""What the model looked at, in mistakes that it was sure of and in cells near its threshold."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.records.explained import MAPS, Explained
from smearflow.report.elements import CellPicture, Gallery, Section
from smearflow.report.pictures.occlusion import over_cell
from smearflow.report.run import PipelineRun


def explained_section(root: Path, run: PipelineRun) -> Section | None:
    """Cells, each beside the map of what moved its probability."""
    found = Explained.read_if_there(root)
    if found is None or run.assessed is None:
        return None
    galleries: dict[str, list[CellPicture]] = {}
    for cell, own in zip(found.cells, np.load(Explained.path(root).with_name(MAPS)), strict=True):
        picture = run.assessed.picture(cell.index)
        galleries.setdefault(cell.reason, []).extend(
            (
                picture,
                CellPicture(
                    over_cell(picture.pixels, own),
                    f"{picture.shows}: what the model looked at",
                    _moved(own),
                ),
            )
        )
    negative, positive = run.classes
    captions = {
        "false negative": f"{positive} called {negative}, the surest",
        "false positive": f"{negative} called {positive}, the surest",
        "borderline": "Nearest to the threshold",
    }
    told = (
        f"A patch of {found.patch} x {found.patch} pixels, in the cell's own colour, hid one part "
        "of a cell after the other (Zeiler & Fergus 2014). Red is what speaks for "
        f"{positive}: without it the probability falls; blue what speaks against it. Below each "
        "map: how far hiding one part moved the probability."
    )
    shown = [Gallery(name, captions[name], cells) for name, cells in galleries.items()]
    return Section("explained", "What it looked at", [told], galleries=shown)


def _moved(found: npt.NDArray[np.float32]) -> str:
    """How far hiding one part moved the probability, at most, down and up."""
    down, up = (abs(round(float(value), 2)) for value in (found.max(), found.min()))
    return f"hiding: -{down:.2f} to +{up:.2f}" if down or up else "hiding moves nothing"
