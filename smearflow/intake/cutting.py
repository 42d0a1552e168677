"""The bytes of each cell: its file's own, or those of a crop."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from smearflow.intake.boxes.crop import crops
from smearflow.intake.listing import Listed


class Contents:
    """Reads cells by their paths; a photograph of several cells is decoded once for those of it.

    Args:
        cells: asked for in their order, or photographs are decoded again.
    """

    def __init__(self, cells: Sequence[Listed]) -> None:
        self._cells = {cell.path: cell for cell in cells}
        self._of_file: dict[Path, list[Listed]] = defaultdict(list)
        for cell in cells:
            if cell.box is not None:
                self._of_file[cell.file].append(cell)
        self._crops: dict[str, bytes] = {}

    def read(self, path: str) -> bytes:
        """The bytes of an image file that shows one cell.

        Raises:
            SmearflowError: the photograph that it is cut from can't be read.
        """
        cell = self._cells[path]
        if cell.box is None:
            return cell.file.read_bytes()
        if path not in self._crops:
            together = self._of_file[cell.file]
            paths = [each.path for each in together]
            self._crops = dict(zip(paths, crops(together), strict=True))
        return self._crops[path]
