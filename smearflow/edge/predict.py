"""Label a cell image, or those of a folder, with the exported model; CSV on standard output."""

import argparse
import csv
import signal
import sys
from pathlib import Path
from typing import TextIO

import numpy as np

from smearflow.cells.files import cell_files
from smearflow.cells.images import UndecodableError, peaks_of, pixels_of
from smearflow.cells.ranges import FolderScales, in_words
from smearflow.edge.runtime import EdgeModel
from smearflow.errors import SmearflowError, as_smearflow
from smearflow.pipes import end_if_unread

BITS_HELP = "of samples of more than 8 bits, 8 to 16; else by their tags, or measured"
COLUMNS = ("file", "probability", "label", "error")


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

    Args:
        images: an image, or a folder of images at any depth.
        bits: of samples of more than 8 bits; else by their tags, or measured over the folder.

    Raises:
        SmearflowError: it is missing or holds no file.
    """
    folder, files = _files_of(images)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    scales, failures = FolderScales(bits, lambda: peaks_of(files)), 0
    for file in files:
        row = _row(file, model, scales)
        failures += bool(row[-1])
        writer.writerow((file.relative_to(folder).as_posix(), *row))
    for white in sorted(scales.measured):
        print(
            f"warning: files name no range: {in_words(white)}, measured over the folder; "
            "--bits states the bits of samples",
            file=sys.stderr,
        )
    if failures:
        print(f"warning: {failures} of {len(files)} files can't be used", file=sys.stderr)


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


def _row(file: Path, model: EdgeModel, scales: FolderScales) -> tuple[str, str, str]:
    """Probability, label and error of one file, as text."""
    try:
        pixels = pixels_of(file.read_bytes(), model.image_size, scales)
    except UndecodableError as error:
        return "", "", str(error)
    probability = float(model.predict(pixels[np.newaxis])[0][0])
    return f"{probability:.6f}", model.classes[probability >= model.threshold], ""


if __name__ == "__main__":
    main()
