"""Label the cell images of a folder with the exported model; CSV on standard output."""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from smearflow.cells.files import cell_files
from smearflow.cells.images import UndecodableError, decode, resize
from smearflow.cells.plausible import count_no_cells, why_no_cell
from smearflow.cells.repeats import Repeats
from smearflow.edge.runtime import EdgeModel
from smearflow.errors import SmearflowError, as_smearflow

COLUMNS = ("file", "probability", "label", "error", "warning")


def main(arguments: list[str] | None = None) -> None:
    """The command line: `python -m smearflow.edge.predict FOLDER [--model outputs/export]`."""
    parser = argparse.ArgumentParser(prog="python -m smearflow.edge.predict", description=__doc__)
    parser.add_argument("folder", type=Path, help="images at any depth")
    parser.add_argument("--model", type=Path, default=Path("outputs/export"), help="export folder")
    options = parser.parse_args(arguments)
    try:
        write_predictions(options.folder, EdgeModel(options.model), sys.stdout)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {as_smearflow(error, options.folder)}")


def write_predictions(folder: Path, model: EdgeModel, out: TextIO) -> None:
    """Write a row of COLUMNS per image, sorted by path; undecodable ones keep only their error.

    The warning says why an image can't be one cell, or which earlier file shows the same. Standard
    error sums up.

    Raises:
        SmearflowError: the folder is missing or holds no file.
    """
    files = cell_files(folder) if folder.is_dir() else []
    if not files:
        raise SmearflowError(f"{folder} holds no files", "name a folder with cell images")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    found = _Found(model)
    for file in files:
        name = file.relative_to(folder).as_posix()
        writer.writerow((name, *_row(file, name, model, found)))
    for warning in found.sentences(len(files)):
        print(f"warning: {warning}", file=sys.stderr)


class _Found:
    """What is wrong with the files so far."""

    def __init__(self, model: EdgeModel) -> None:
        self.errors = 0
        self._limits, self._repeats = model.cell, Repeats()
        self._no_cells: list[str | None] = []
        self._again = 0

    def warning(self, image: Image.Image, name: str) -> str:
        """Why an image's probability means nothing, or nothing new; else empty."""
        no_cell = why_no_cell(image, self._limits)
        self._no_cells.append(no_cell)
        if no_cell:
            return no_cell
        first = self._repeats.first(image, name)
        self._again += first is not None
        return f"shows the same as {first}" if first else ""

    def sentences(self, files: int) -> Iterator[str]:
        if self.errors:
            yield f"{self.errors} of {files} files are no images"
        if told := count_no_cells(self._no_cells):
            yield f"{told}: their probabilities mean nothing"
        if self._again:
            yield f"{self._again} of {files} files show the same as an earlier one"


def _row(file: Path, name: str, model: EdgeModel, found: _Found) -> tuple[str, str, str, str]:
    """Probability, label, error and warning of one file, as text."""
    try:
        image, _ = decode(file.read_bytes())
    except UndecodableError as error:
        found.errors += 1
        return "", "", str(error), ""
    pixels = resize(image, model.image_size)
    probability = float(model.predict(pixels[np.newaxis])[0][0])
    label = model.classes[probability >= model.threshold]
    return f"{probability:.6f}", label, "", found.warning(image, name)


if __name__ == "__main__":
    main()
