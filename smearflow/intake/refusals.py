"""Why a folder is no set of labelled cells, and what to do."""

from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path, PurePosixPath

from smearflow.cells.files import Files
from smearflow.ground.errors import SmearflowError
from smearflow.intake.grids import SUFFIXES
from smearflow.intake.matching import folded

ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".rar", ".7z", ".xz", ".bz2"})
_MAY_BE_CLASSES = 6  # folders whose names are rather those of classes
FOREIGN_TOLERATED = 0.01  # share of the images that are of a format that is not read
# of tables and annotations that programs write, and of which a person may expect that they count
_TELLING = frozenset(
    (
        *(*SUFFIXES, ".xlsx", ".xls", ".ods", ".numbers", ".json", ".jsonl", ".geojson", ".xml"),
        *(".qpdata", ".roi", ".sqlite", ".db"),
    )
)


def check_formats(place: Path, files: Files, option: str) -> None:
    """Refuse a set of which more than a trace could not be read.

    Raises:
        SmearflowError: it is one, or holds archives in place of images.
    """
    images = len(files.images) + len(files.foreign)
    if len(files.foreign) > FOREIGN_TOLERATED * images:
        raise SmearflowError(
            f"{place} holds images that smearflow does not read: {_counted(files.foreign)}, first "
            f"{files.foreign[0]}",
            "export them as PNG or TIFF (docs/images.md has what is read), or move them away",
        )
    archives = archives_of(files)
    if not images and archives:
        one = f"name it, {option}={place / archives[0]}, or unpack it there"
        raise SmearflowError(
            f"{place} holds no images but {_counted(archives)}, first {archives[0]}",
            one
            if len(archives) == 1
            else f"unpack each into a folder of its name, then {option}=<folder of these>",
        )


def archives_of(files: Files) -> list[PurePosixPath]:
    """Archives among the files."""
    return [path for path in files.others if path.suffix.lower() in ARCHIVES]


def half_packed(place: Path, missing: str, archives: Sequence[PurePosixPath]) -> SmearflowError:
    """Why a set of one class with archives beside it is refused: they may hold the other."""
    return SmearflowError(
        f"{place} holds no cells of {missing}, but {_counted(archives)} that may, first "
        f"{archives[0]}",
        "unpack it into a folder of its name, or move it away",
    )


def unknown_labels(
    place: Path, table: str, classes: tuple[str, str], key: str | None
) -> SmearflowError:
    """Why a table that names images tells no labels."""
    negative, positive = classes
    return SmearflowError(
        f"{place}: no folder has the name of a class; {table} names images, but no column of it "
        f"holds {positive} and {negative}",
        f"say in params.yaml what it holds: {key}.table: {table}, its columns: {{label: "
        f"<column>}}, its labels: {{<label>: {positive}, <other>: {negative}}}"
        if key
        else f"give it a column of {positive} and {negative}",
    )


def unread_annotations(place: Path, files: Files) -> SmearflowError | None:
    """Why files that may tell labels do not; None where there are none."""
    stems = {folded(image.stem) for image in files.images}
    found = [path for path in files.others if _may_tell(path, stems)]
    tables = [path for path in found if path.suffix.lower() in SUFFIXES]
    folders = {image.parent for image in files.images}
    if not found or not files.images or (not tables and 1 < len(folders) <= _MAY_BE_CLASSES):
        return None
    if tables:
        return SmearflowError(
            f"{place}: no folder has the name of a class, and no column of {tables[0]} names the "
            f"images, as {files.images[0].name}",
            "write into each row of the table the name of a file as it is there (docs/cells.md)",
        )
    return SmearflowError(
        f"{place}: no folder has the name of a class, and smearflow does not read labels from "
        f"{_counted(found)}, first {found[0]}",
        "export boxes as COCO, Pascal VOC or YOLO, labels as CSV, or sort the images into folders "
        "(docs/cells.md)",
    )


def _may_tell(path: PurePosixPath, stems: Container[str]) -> bool:
    """Whether a person may expect a file to tell labels; of texts those with an image's name."""
    suffix = path.suffix.lower()
    return suffix in _TELLING or (suffix == ".txt" and folded(path.stem) in stems)


def _counted(paths: Sequence[PurePosixPath]) -> str:
    kinds = Counter(path.suffix.lower() for path in paths)
    return ", ".join(f"{count} {suffix}" for suffix, count in kinds.most_common(3))
