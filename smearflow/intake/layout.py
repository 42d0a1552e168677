"""What a folder of labelled cells means: classes and patients by folders, tables or boxes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.cells.files import Files, survey
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes import format_of, read_boxes
from smearflow.intake.folders import (
    Folders,
    Placed,
    place_beside,
    read_folders,
    without_classes,
)
from smearflow.intake.listing import Aside, Listed, Listing
from smearflow.intake.people import Named, names_of
from smearflow.intake.tables import Tables, class_of_each, read_tables
from smearflow.params.ingest import Source
from smearflow.records.sources import SourceFacts

ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".rar", ".7z", ".xz", ".bz2"})
ANNOTATIONS = frozenset({".json", ".xml", ".txt", ".yaml", ".yml", ".names"})
FOREIGN_TOLERATED = 0.01  # share of the images that are of a format that is not read


class _Found(NamedTuple):
    """Cells, before tables add what they tell."""

    cells: Sequence[Listed]
    spelled: Mapping[str, str]
    named: Named
    sides: frozenset[str]


def understand(folder: Path, source: Source, labels: Labels, option: str = "DATA") -> Listing:
    """List the labelled cells of a folder.

    Boxes that the settings name come first; then class folders; then boxes, and then tables, that
    are there. Tables add patients to all of them, and labels where nothing else tells some.

    Args:
        labels: of the classes, as this source spells them.
        option: by which a user names another folder, for the messages.

    Raises:
        SmearflowError: it holds no labelled cells, or something of it can be meant in two ways.
    """
    files, aside = survey(folder), Aside()
    _check_formats(folder, files, option)
    tables = read_tables(folder, files, source, labels, aside)
    found, boxes = _find(folder, files, source, labels, tables, aside, option)
    cells, by = list(found.cells), found.named.by
    if tables:
        cells = [_with_told(cell, folder, tables, labels) for cell in cells]
        by = "column" if tables.patients else by
    _note(folder, files, tables, boxes, aside)
    if not cells:
        raise SmearflowError(
            f"{folder} holds no labelled cells that can be used",
            f"name another folder: {option}=<folder or archive>",
        )
    facts = SourceFacts(
        name=source.name,
        layout=found.named.layout,
        folders=len({cell.file.parent for cell in cells}),
        labels=dict(sorted(found.spelled.items())),
        patients_by=by if any(cell.name.patient for cell in cells) else None,
        grouped_by=source.group,
        sides=tuple(sorted(found.sides)),
        left_out=aside.left_out(),
    )
    cells.sort(key=lambda cell: cell.path)
    return Listing(tuple(cells), facts, explicit=boxes or tables is not None)


def _find(
    folder: Path,
    files: Files,
    source: Source,
    labels: Labels,
    tables: Tables | None,
    aside: Aside,
    option: str,
) -> tuple[_Found, bool]:
    """The cells of a folder, and whether boxes tell them."""
    if source.boxes.format is None:
        read = read_folders(folder, files.images, labels, aside, option)
        if read is not None:
            return _by_folders(folder, read, source), False
    marks = source.boxes.format or format_of(folder, files)
    if marks is not None:
        return _by_boxes(folder, files, source, labels, aside, marks), True
    if tables is not None and tables.labels:
        return _by_tables(folder, files, source, labels, tables, aside), False
    raise without_classes(folder, files.images, labels, option)


def _by_folders(folder: Path, read: Folders, source: Source) -> _Found:
    named = names_of(read.placed, source.patient_pattern, "<class>")
    cells = [
        Listed(str(placed.path), folder / read.root / placed.path, placed.label, name)
        for placed, name in zip(read.placed, named.names, strict=True)
    ]
    spelled = {placed.spelled: placed.label for placed in read.placed}
    return _Found(cells, spelled, named, _sides(read.placed))


def _by_boxes(
    folder: Path, files: Files, source: Source, labels: Labels, aside: Aside, marks: str
) -> _Found:
    cells, spelled = read_boxes(folder, files, source, labels, aside)
    placed = [
        place_beside(PurePosixPath(cell.file.relative_to(folder)), cell.label) for cell in cells
    ]
    named = names_of(placed, source.patient_pattern, f"boxes ({marks})")
    known = [
        cell._replace(name=name._replace(field=name.field or cell.name.field))
        for cell, name in zip(cells, named.names, strict=True)
    ]
    return _Found(known, spelled, named, _sides(placed))


def _by_tables(
    folder: Path, files: Files, source: Source, labels: Labels, tables: Tables, aside: Aside
) -> _Found:
    told = {path: row for path, row in tables.told.items() if row.spelled is not None}
    classes = class_of_each(
        ((row.spelled or "", row.row) for row in told.values()), labels, source, folder
    )
    placed = []
    for path, row in told.items():
        label = classes[row.spelled or ""]
        if label is None:
            aside.add("label left out", folder / path, row.spelled or "")
        else:
            placed.append(place_beside(path, label))
    aside.extend("no label", (folder / path for path in files.images if path not in told))
    named = names_of(placed, source.patient_pattern, f"table {', '.join(tables.files)}")
    cells = [
        Listed(str(each.path), folder / each.path, each.label, name)
        for each, name in zip(placed, named.names, strict=True)
    ]
    spelled = {label: name for label, name in classes.items() if name is not None}
    return _Found(cells, spelled, named, _sides(placed))


def _sides(placed: Sequence[Placed]) -> frozenset[str]:
    return frozenset(each.side for each in placed if each.side)


def _with_told(cell: Listed, folder: Path, tables: Tables, labels: Labels) -> Listed:
    """A cell with what tables tell of its image, which goes before what names tell."""
    told = tables.told.get(PurePosixPath(cell.file.relative_to(folder)))
    if told is None:
        return cell
    if told.spelled and cell.box is None and labels.class_of(told.spelled) != cell.label:
        raise SmearflowError(
            f"{told.row} calls {cell.file} {told.spelled}, elsewhere it is {cell.label}",
            "correct the one that is wrong",
        )
    known = {kind: text for kind, text in told.name._asdict().items() if text}
    return cell._replace(name=cell.name._replace(**known))


def _check_formats(folder: Path, files: Files, option: str) -> None:
    """Refuse a set of which more than a trace could not be read."""
    images = len(files.images) + len(files.foreign)
    if len(files.foreign) > FOREIGN_TOLERATED * images:
        kinds = Counter(path.suffix.lower() for path in files.foreign)
        counted = ", ".join(f"{count} {suffix}" for suffix, count in kinds.most_common(3))
        raise SmearflowError(
            f"{folder} holds images that smearflow does not read: {counted}, first "
            f"{files.foreign[0]}",
            "export them as PNG or TIFF (docs/images.md has what is read), or move them away",
        )
    archives = [path for path in files.others if path.suffix.lower() in ARCHIVES]
    if not images and archives:
        raise SmearflowError(
            f"{folder} holds no images but {len(archives)} archives, first {archives[0]}",
            f"name one of them, {option}={folder / archives[0]}, or unpack them there",
        )


def _note(
    folder: Path, files: Files, tables: Tables | None, boxes: bool, aside: Aside
) -> None:
    """Note the files that are no cells."""
    for path in files.foreign:
        aside.add("foreign format", folder / path, path.suffix.lower())
    aside.extend("broken link", (folder / path for path in files.broken))
    for path in files.junk:
        aside.add("no image", str(folder / path).rstrip("\r"), path.name.strip())
    read = set(tables.files) if tables else set()
    for path in files.others:
        if str(path) not in read and not (boxes and path.suffix.lower() in ANNOTATIONS):
            aside.add("no image", folder / path, path.suffix.lower() or path.name)
