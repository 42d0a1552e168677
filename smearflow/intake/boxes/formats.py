"""Which format of annotations a folder has."""

from pathlib import Path

from smearflow.cells.files import Files
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes import bbbc041, coco, voc, yolo
from smearflow.intake.boxes.marks import Format

READERS = {"coco": coco, "voc": voc, "yolo": yolo, "bbbc041": bbbc041}
WORDS: dict[Format, str] = {
    "coco": "COCO",
    "voc": "Pascal VOC",
    "yolo": "YOLO",
    "bbbc041": "BBBC041",
}


def format_of(folder: Path, files: Files, key: str | None = "ingest.sources.0") -> Format | None:
    """The format of the annotations of a folder; None where there are none.

    Of files that may be annotations no more than the beginnings are read, until one is found.

    Args:
        files: of the folder.
        key: of the source in params.yaml, for the message; None: it is not there.

    Raises:
        SmearflowError: there are several, of which one is perhaps a copy of the other.
    """
    if not files.images:
        return None
    found = {form: READERS[form].first_file(folder, files) for form in WORDS}
    there = {form: file for form, file in found.items() if file}
    if len(there) > 1:
        which = " and ".join(f"{WORDS[form]} ({file})" for form, file in there.items())
        raise SmearflowError(
            f"{folder} holds annotations of {len(there)} formats: {which}",
            f"name the one to use: {key}.boxes.format={'|'.join(there)}"
            if key
            else "move away those that are not meant",
        )
    return next(iter(there), None)
