"""Label the cell images of a folder with the exported model; CSV on standard output."""

import argparse
import csv
import sys
from pathlib import Path
from typing import TextIO

import numpy as np

from smearflow.cells.files import cell_files
from smearflow.cells.images import UndecodableError, pixels_of
from smearflow.edge.runtime import EdgeModel
from smearflow.errors import SmearflowError, as_smearflow

COLUMNS = ("file", "probability", "label", "error")


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

    Raises:
        SmearflowError: the folder is missing or holds no file.
    """
    files = cell_files(folder) if folder.is_dir() else []
    if not files:
        raise SmearflowError(f"{folder} holds no files", "name a folder with cell images")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    failures = 0
    for file in files:
        row = _row(file, model)
        failures += bool(row[-1])
        writer.writerow((file.relative_to(folder).as_posix(), *row))
    if failures:
        print(f"warning: {failures} of {len(files)} files are no images", file=sys.stderr)


def _row(file: Path, model: EdgeModel) -> tuple[str, str, str]:
    """Probability, label and error of one file, as text."""
    try:
        pixels = pixels_of(file.read_bytes(), model.image_size)
    except UndecodableError as error:
        return "", "", str(error)
    probability = float(model.predict(pixels[np.newaxis])[0][0])
    return f"{probability:.6f}", model.classes[probability >= model.threshold], ""


if __name__ == "__main__":
    main()
