"""Label the cell images of a folder with the exported model; CSV on standard output."""

import argparse
import csv
import sys
from pathlib import Path
from typing import TextIO

import numpy as np

from smearflow.cells.files import cell_files
from smearflow.cells.images import UndecodableError, peaks_of, pixels_of
from smearflow.cells.ranges import FolderScales, in_words
from smearflow.edge.runtime import EdgeModel
from smearflow.errors import SmearflowError, as_smearflow

BITS_HELP = "of samples of more than 8 bits, 8 to 16; else by their tags, or measured"
COLUMNS = ("file", "probability", "label", "error")


def main(arguments: list[str] | None = None) -> None:
    """The command line: `python -m smearflow.edge.predict FOLDER [--model outputs/export]`."""
    parser = argparse.ArgumentParser(prog="python -m smearflow.edge.predict", description=__doc__)
    parser.add_argument("folder", type=Path, help="images at any depth")
    parser.add_argument("--model", type=Path, default=Path("outputs/export"), help="export folder")
    parser.add_argument("--bits", type=int, choices=range(8, 17), metavar="BITS", help=BITS_HELP)
    options = parser.parse_args(arguments)
    try:
        write_predictions(options.folder, EdgeModel(options.model), sys.stdout, options.bits)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {as_smearflow(error, options.folder)}")


def write_predictions(folder: Path, model: EdgeModel, out: TextIO, bits: int | None = None) -> None:
    """Write a row of COLUMNS per image, sorted by path; undecodable ones keep only their error.

    Args:
        bits: of samples of more than 8 bits; else by their tags, or measured over the folder.

    Raises:
        SmearflowError: the folder is missing or holds no file.
    """
    files = cell_files(folder) if folder.is_dir() else []
    if not files:
        raise SmearflowError(f"{folder} holds no files", "name a folder with cell images")
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
