"""Cells side by side, with what is to be known of each below it."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from smearflow.report.elements import CellPicture
from smearflow.report.pictures.style import DPI

_ROW = 10  # cells side by side
_WIDTH, _HEIGHT = 1.15, 1.6  # inches of a cell with its note


def draw_cells(file: Path, title: str, cells: Sequence[CellPicture]) -> None:
    """Write a sheet of cells, in the order of reading.

    Args:
        cells: at least one; a note of up to three lines fits below each.
    """
    rows = -(-len(cells) // _ROW)
    figure = Figure(figsize=(_ROW * _WIDTH, rows * _HEIGHT + 0.6), layout="constrained")
    figure.suptitle(title)
    panels = figure.subplots(rows, _ROW, squeeze=False).flat
    for panel in panels:
        panel.set_axis_off()
    for panel, cell in zip(figure.axes, cells, strict=False):
        panel.imshow(cell.pixels)
        panel.set_title(cell.note, y=-0.04, va="top", pad=0, fontsize=7)
    figure.savefig(file, dpi=DPI)
