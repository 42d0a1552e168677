"""Label a cell image, or those of a folder, with an exported model; sum up by patient."""

import argparse
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from smearflow.edge.plausible import count_no_cells
from smearflow.edge.runtime import EdgeModel
from smearflow.edge.scoring import Images, Patterns, Scored, Scorer, find_images
from smearflow.edge.tables import PatientRow, both_json, cells_csv, patients_csv, patients_text
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.files import write_bytes
from smearflow.ground.pipes import end_if_unread
from smearflow.images.formats import count_foreign
from smearflow.images.ranges import in_words

Format = Literal["csv", "json"]

MODEL_HELP = "a release, or the folder outputs/export of a run"
IMAGES_HELP = "an image, or a folder of images at any depth"
BITS_HELP = "of samples of more than 8 bits, 8 to 16; else by their tags, or measured"
FORMAT_HELP = "csv: of cells; json: of cells and patients"
OUTPUT_HELP = "for cells.csv and patients.csv, or predictions.json; else they are printed"
PATTERN_HELP = (
    "a regular expression with (?P<patient>...) that fits the files' names; where it finds none "
    "the top folder is the patient"
)


def main(arguments: list[str] | None = None) -> None:
    """The command line: `smearflow-edge IMAGES [--model outputs/export]`."""
    parser = argparse.ArgumentParser(prog="smearflow-edge", description=__doc__)
    parser.add_argument("images", type=Path, help=IMAGES_HELP)
    parser.add_argument("--model", type=Path, default=Path("outputs/export"), help=MODEL_HELP)
    parser.add_argument("--bits", type=int, choices=range(8, 17), metavar="BITS", help=BITS_HELP)
    parser.add_argument("--pattern", metavar="REGEX", help=PATTERN_HELP)
    parser.add_argument("--format", choices=get_args(Format), default="csv", help=FORMAT_HELP)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help=OUTPUT_HELP)
    asked = parser.parse_args(arguments)
    try:
        label_images(
            asked.images,
            EdgeModel(asked.model),
            bits=asked.bits,
            patterns=[asked.pattern],
            form=asked.format,
            output=asked.output,
        )
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        sys.exit(f"error: {as_smearflow(error, asked.images)}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def label_images(
    place: Path,
    model: EdgeModel,
    *,
    bits: int | None = None,
    patterns: Patterns = (None,),
    form: Format = "csv",
    output: Path | None = None,
) -> None:
    """Label images; print or write the table of them, sorted by path, and that of their patients.

    Without `output`, standard output gets the cells as CSV, or both tables as JSON, and standard
    error the patients as text; with it, standard output gets them. Standard error sums up what is
    wrong with the images.

    Args:
        place: an image, or a folder of images at any depth.
        bits: of samples of more than 8 bits; else by their tags, or measured over all images.
        patterns: that find the patient in the name of a file.
        output: folder for the tables, made if need be.

    Raises:
        SmearflowError: there are no images, a pattern finds no patient, or `output` is a file.
    """
    if output is not None and (output.suffix in (".csv", ".json") or output.is_file()):
        raise SmearflowError(f"{output} is no folder", "name one, for the tables to lie in")
    images = find_images(place, patterns)
    scorer = Scorer(model, images, bits)
    by_patient = list(scorer.patients())
    rows = sorted((row for own in by_patient for row in own), key=lambda row: row.file)
    patients = [PatientRow.of(own, model) for own in by_patient]
    tables = (
        {"predictions.json": both_json(model, rows, patients)}
        if form == "json"
        else {"cells.csv": cells_csv(rows), "patients.csv": patients_csv(patients)}
    )
    _write(tables, output)
    shown = patients_text(patients)
    print(shown, file=sys.stderr if output is None else sys.stdout, flush=True)
    for warning in _warnings(images, rows, sorted(scorer.scales.measured)):
        print(f"warning: {warning}", file=sys.stderr)


def _write(tables: Mapping[str, str], output: Path | None) -> None:
    """Write tables into a folder; or print the first of them, all that goes on standard output."""
    if output is None:
        print(next(iter(tables.values())), end="", flush=True)
        return
    output.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        write_bytes(output / name, text.encode())


def _warnings(images: Images, rows: Sequence[Scored], measured: Sequence[float]) -> Iterator[str]:
    for white in measured:
        yield (
            f"files name no range: {in_words(white)}, measured over the folder; --bits states the "
            "bits of samples"
        )
    if errors := sum(row.error is not None for row in rows):
        yield f"{errors} of {len(rows)} files can't be used"
    if told := count_no_cells([row.no_cell for row in rows if row.error is None]):
        yield f"{told}: their probabilities mean nothing"
    if again := sum(row.repeat_of is not None for row in rows):
        yield f"{again} of {len(rows)} files show the same as an earlier one"
    if images.foreign:
        yield count_foreign(images.foreign)


if __name__ == "__main__":
    main()
