"""What a folder of labelled cells means: classes and patients by folders, tables or boxes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from smearflow.cells.files import Files, survey
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.boxes.formats import format_of
from smearflow.intake.boxes.reading import read_boxes
from smearflow.intake.folders import (
    Folders,
    Placed,
    place_beside,
    read_folders,
    without_classes,
)
from smearflow.intake.listing import Aside, Listed, Listing
from smearflow.intake.masks import masks_of
from smearflow.intake.meanings import classes_of
from smearflow.intake.people import Named, names_of
from smearflow.intake.refusals import (
    archives_of,
    check_formats,
    half_packed,
    unknown_labels,
    unread_annotations,
)
from smearflow.intake.tables import Tables, read_tables
from smearflow.params.ingest import Source
from smearflow.records.sources import SourceFacts

ANNOTATIONS = frozenset({".json", ".xml", ".txt", ".yaml", ".yml", ".names"})


@dataclass(frozen=True)
class _Folder:
    """A folder that is read.

    Attributes:
        option: by which a user names another folder, for the messages.
        key: of the source in params.yaml, likewise; None: it is not there.
    """

    path: Path
    files: Files
    source: Source
    labels: Labels
    option: str
    key: str | None
    aside: Aside = field(default_factory=Aside)

    def tables(self) -> Tables | None:
        """What its tables tell."""
        return read_tables(self.path, self.files, self.source, self.labels, self.aside)


class _Found(NamedTuple):
    """Its cells, and what tells them.

    Attributes:
        spelled: their labels there, and the class that each means.
        boxes: whether they are marked in images of whole fields.
    """

    cells: Sequence[Listed]
    spelled: Mapping[str, str]
    named: Named
    sides: frozenset[str]
    tables: Tables | None = None
    boxes: bool = False


def understand(
    folder: Path,
    source: Source,
    labels: Labels,
    option: str = "DATA",
    key: str | None = "ingest.sources.0",
) -> Listing:
    """List the labelled cells of a folder.

    Class folders come first, unless the settings name boxes; then boxes, and then tables. Tables
    that the settings name add patients to all of them.

    Args:
        labels: of the classes, as this source spells them.
        option: by which a user names another folder, for the messages.
        key: of the source in params.yaml, likewise; None: it is not there.

    Raises:
        SmearflowError: it holds no labelled cells, or something of it can be meant in two ways.
    """
    files = survey(folder)
    check_formats(folder, files, option)
    masks = masks_of(files.images)
    shown = tuple(image for image in files.images if image not in masks)
    read = _Folder(folder, files._replace(images=shown), source, labels, option, key)
    read.aside.extend("mask", (folder / mask for mask in sorted(masks)))
    found = _find(read)
    cells, by = list(found.cells), found.named.by
    if found.tables:
        cells = [_with_told(cell, folder, found.tables, labels) for cell in cells]
        by = "column" if found.tables.patients else by
    _note(read, found)
    if not cells:
        raise SmearflowError(
            f"{folder} holds no labelled cells that can be used",
            f"name another folder: {option}=<folder or archive>",
        )
    _require_all_unpacked(read, cells)
    facts = SourceFacts(
        name=source.name,
        layout=found.named.layout,
        folders=len({cell.file.parent for cell in cells}),
        labels=dict(sorted(found.spelled.items())),
        patients_by=by if any(cell.name.patient for cell in cells) else None,
        grouped_by=source.group,
        sides=tuple(sorted(found.sides)),
        left_out=read.aside.left_out(),
    )
    cells.sort(key=lambda cell: cell.path)
    return Listing(tuple(cells), facts, explicit=found.boxes or found.tables is not None)


def _find(read: _Folder) -> _Found:
    tables = read.tables() if read.source.table else None
    if read.source.boxes.format is None:
        folders = read_folders(read.path, read.files.images, read.labels, read.aside, read.option)
        if folders is not None:
            return _by_folders(read, folders)._replace(tables=tables)
    if read.source.boxes.format or format_of(read.path, read.files, read.key):
        return _by_boxes(read)._replace(tables=tables)
    tables = tables or read.tables()
    if tables is not None and tables.labels:
        return _by_tables(read, tables)
    if tables is not None:
        raise unknown_labels(read.path, tables.files[0], read.labels.classes, read.key)
    if error := unread_annotations(read.path, read.files):
        raise error
    raise without_classes(read.path, read.files.images, read.labels, read.option)


def _by_folders(read: _Folder, folders: Folders) -> _Found:
    named = names_of(folders.placed, read.source.patient_pattern, "<class>")
    cells = [
        Listed(str(placed.path), read.path / folders.root / placed.path, placed.label, name)
        for placed, name in zip(folders.placed, named.names, strict=True)
    ]
    spelled = {placed.spelled: placed.label for placed in folders.placed}
    return _Found(cells, spelled, named, _sides(folders.placed))


def _by_boxes(read: _Folder) -> _Found:
    boxed = read_boxes(read.path, read.files, read.source, read.labels, read.aside, read.key)
    placed = [
        place_beside(PurePosixPath(cell.file.relative_to(read.path)), cell.label)
        for cell in boxed.cells
    ]
    named = names_of(placed, read.source.patient_pattern, boxed.layout)
    known = [
        cell._replace(name=name._replace(field=name.field or cell.name.field))
        for cell, name in zip(boxed.cells, named.names, strict=True)
    ]
    return _Found(known, boxed.labels, named, _sides(placed), boxes=True)


def _by_tables(read: _Folder, tables: Tables) -> _Found:
    told = {path: row for path, row in tables.told.items() if row.spelled is not None}
    spelled = ((row.spelled or "", row.row) for row in told.values())
    classes = classes_of(spelled, read.labels, read.path, read.key)
    placed = []
    for path, row in told.items():
        label = classes[row.spelled or ""]
        if label is None:
            read.aside.add("label left out", read.path / path, row.spelled or "")
        else:
            placed.append(place_beside(path, label))
    read.aside.extend(
        "no label", (read.path / path for path in read.files.images if path not in told)
    )
    named = names_of(placed, read.source.patient_pattern, f"table {', '.join(tables.files)}")
    cells = [
        Listed(str(each.path), read.path / each.path, each.label, name)
        for each, name in zip(placed, named.names, strict=True)
    ]
    meant = {label: name for label, name in classes.items() if name is not None}
    return _Found(cells, meant, named, _sides(placed), tables)


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


def _require_all_unpacked(read: _Folder, cells: Sequence[Listed]) -> None:
    """Archives beside cells count where a class is missing, which they may hold."""
    archives = archives_of(read.files)
    missing = set(read.labels.classes) - {cell.label for cell in cells}
    if missing and archives:
        raise half_packed(read.path, min(missing), archives)


def _note(read: _Folder, found: _Found) -> None:
    """Note the files that are no cells."""
    files, aside = read.files, read.aside
    for path in files.foreign:
        aside.add("foreign format", read.path / path, path.suffix.lower())
    aside.extend("broken link", (read.path / path for path in files.broken))
    for path in files.junk:
        stream = path.name.rpartition(":")[1:]  # of a file on a disk of Windows
        kind = "".join(stream) if stream[0] else path.name.strip()
        aside.add("no image", str(read.path / path).strip(), kind)
    used = set(found.tables.files) if found.tables else set()
    for path in files.others:
        if str(path) not in used and not (found.boxes and path.suffix.lower() in ANNOTATIONS):
            aside.add("no image", read.path / path, path.suffix.lower() or path.name)
