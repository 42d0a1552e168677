"""Label a cell image, or those of a folder, with the exported model; CSV on standard output."""

import argparse
import csv
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import numpy as np
from PIL import Image

from smearflow.cells.files import cell_files
from smearflow.edge.plausible import count_no_cells, why_no_cell
from smearflow.edge.repeats import Repeats
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.pipes import end_if_unread
from smearflow.images.decode import UndecodableError, decode, peaks_of, resize
from smearflow.images.ranges import FolderScales, in_words

BITS_HELP = "of samples of more than 8 bits, 8 to 16; else by their tags, or measured"
COLUMNS = ("file", "probability", "label", "error", "warning")


def main(arguments: list[str] | None = None) -> None:
    """The command line: `python -m smearflow.edge.predict IMAGES [--model outputs/export]`."""
    parser = argparse.ArgumentParser(prog="python -m smearflow.edge.predict", description=__doc__)
    parser.add_argument("images", type=Path, help="an image, or a folder of images at any depth")
    parser.add_argument("--model", type=Path, default=Path("outputs/export"), help="export folder")
    parser.add_argument("--bits", type=int, choices=range(8, 17), metavar="BITS", help=BITS_HELP)
    options = parser.parse_args(arguments)
    try:
        write_predictions(options.images, EdgeModel(options.model), sys.stdout, options.bits)
        sys.stdout.flush()
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        sys.exit(f"error: {as_smearflow(error, options.images)}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def write_predictions(images: Path, model: EdgeModel, out: TextIO, bits: int | None = None) -> None:
    """Write a row of COLUMNS per image, sorted by path; undecodable ones keep only their error.

    The warning says why an image can't be one cell, or which earlier file shows the same. Standard
    error sums up.

    Args:
        images: an image, or a folder of images at any depth.
        bits: of samples of more than 8 bits; else by their tags, or measured over the folder.

    Raises:
        SmearflowError: it is missing or holds no file.
    """
    folder, files = _files_of(images)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    scales, found = FolderScales(bits, lambda: peaks_of(files)), _Found(model)
    for file in files:
        name = file.relative_to(folder).as_posix()
        writer.writerow((name, *_row(file, name, model, scales, found)))
    for white in sorted(scales.measured):
        print(
            f"warning: files name no range: {in_words(white)}, measured over the folder; "
            "--bits states the bits of samples",
            file=sys.stderr,
        )
    for warning in found.sentences(len(files)):
        print(f"warning: {warning}", file=sys.stderr)


def _files_of(images: Path) -> tuple[Path, list[Path]]:
    """The folder that names in the table start from, and the files to label."""
    place = images.expanduser()
    if place.is_file():
        return place.parent, [place]
    if not place.is_dir():
        raise SmearflowError(
            f"{images} does not exist", "name a folder of cell images, or an image"
        )
    files = cell_files(place)
    if not files:
        raise SmearflowError(
            f"{images} holds no files", "name a folder of cell images, or an image"
        )
    return place, files


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
            yield f"{self.errors} of {files} files can't be used"
        if told := count_no_cells(self._no_cells):
            yield f"{told}: their probabilities mean nothing"
        if self._again:
            yield f"{self._again} of {files} files show the same as an earlier one"


def _row(
    file: Path, name: str, model: EdgeModel, scales: FolderScales, found: _Found
) -> tuple[str, str, str, str]:
    """Probability, label, error and warning of one file, as text."""
    try:
        image = decode(file.read_bytes(), scales).image
    except UndecodableError as error:
        found.errors += 1
        return "", "", str(error), ""
    pixels = resize(image, model.image_size)
    probability = float(model.predict(pixels[np.newaxis])[0][0])
    label = model.classes[probability >= model.threshold]
    return f"{probability:.6f}", label, "", found.warning(image, name)


if __name__ == "__main__":
    main()
