"""A table of labels that people filled in: about cells that are known, or images beside it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from flows.labelled import labels_of
from smearflow.cells.labels import Labels
from smearflow.cells.naming import Name, own_id, parse_name
from smearflow.cells.raw import RawCells
from smearflow.feedback.store import Store
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes
from smearflow.intake.listing import Listed
from smearflow.intake.tables import OWN, own_table
from smearflow.release.card import Card

_FILE = ("file", "cell", "cell_id", "image", "path")  # columns that name a cell


class Vote(NamedTuple):
    """What a row says.

    Attributes:
        path: of the image, in the folder that holds those of all rows.
        label: the class.
        reviewer: who says so.
        note: of the reviewer.
    """

    path: str
    label: str
    reviewer: str
    note: str = ""


class KnownCells(NamedTuple):
    """The cells that can be named without their images.

    Attributes:
        manifest: of the model in use, by `cell_id`; empty where its cells were not kept.
        raw: its folder of archives.
        kept: what people handed in.
        store: where.
    """

    manifest: pd.DataFrame
    raw: Path
    kept: Store
    store: Path

    def find(self, named: str) -> tuple[bytes, str, Name] | None:
        """The bytes of a cell, its file's name, and whose it is; None: it is not known."""
        if named in self.kept.cells:
            batch, _, seen = self.kept.cells[named]
            name = Name(seen.patient, seen.field, seen.time, seen.site)
            return (self.store / batch / seen.path).read_bytes(), Path(seen.path).name, name
        if named not in self.manifest.index:
            return None
        row = self.manifest.loc[named]
        with RawCells(self.raw) as raw:
            data = raw.read(str(row["path"]))
        told = {kind: None if pd.isna(row[kind]) else str(row[kind]) for kind in Name._fields}
        for kind in ("patient", "field"):  # <source>/<id>
            told[kind] = own_id(str(told[kind])) if told[kind] else None
        return data, Path(str(row["path"])).name, Name(**told)


def gather_votes(
    table: Path,
    known: KnownCells,
    card: Card,
    pattern: str | None,
    reviewer: str,
    folder: Path,
) -> tuple[list[Vote], int]:
    """Put the images that a table is about into a folder, with what is known of each.

    Args:
        table: CSV with a column `file` or `cell` and a column `label`; and, where people filled
            them in, `reviewer`, `note`, `patient`, `field`, `time` and `site`.
        pattern: that finds patients in the places of images beside it.
        reviewer: of rows that name none.
        folder: is made; it can be understood like any hand-in.

    Returns:
        What the rows say, and how many say nothing: their label is empty or of no class.

    Raises:
        SmearflowError: a row names no image, or a label that means no class.
    """
    labels, votes, silent = labels_of(card), list[Vote](), 0
    listed: dict[str, Listed] = {}
    folder.mkdir(parents=True)
    for number, row in _rows(table):
        label = _label(labels, row["label"], f"row {number} of {table}")
        if label is None:
            silent += 1
            continue
        named = row["file"]
        if named not in listed:
            data, file, name = _image(table, known, row, pattern, f"row {number} of {table}")
            taken = {cell.path for cell in listed.values()}
            place = file if file not in taken else f"{number}/{file}"
            (folder / place).parent.mkdir(exist_ok=True)
            write_bytes(folder / place, data)
            listed[named] = Listed(place, folder / place, label, name)
        said_by = row.get("reviewer") or reviewer
        votes.append(Vote(listed[named].path, label, said_by, row.get("note", "")))
    if not votes:
        raise SmearflowError(f"{table} holds no label", "fill in its column label")
    write_bytes(folder / OWN, own_table(list(listed.values())))
    return votes, silent


def _rows(table: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Its rows from 1 on, the column that names cells as `file`."""
    try:
        read = pd.read_csv(table, dtype=str, keep_default_na=False, skipinitialspace=True)
    except (ValueError, UnicodeDecodeError) as error:
        raise SmearflowError(
            f"{table} can't be read: {error}", "save it as CSV, separated by commas, in UTF-8"
        ) from error
    read.columns = [str(name).strip().lower() for name in read.columns]
    by = next((name for name in _FILE if name in read.columns), None)
    if by is None or "label" not in read.columns:
        raise SmearflowError(
            f"{table} has the columns {', '.join(read.columns)}",
            "name them file (or cell) and label; reviewer and note may follow",
        )
    for number, row in enumerate(read.rename(columns={by: "file"}).to_dict("records"), start=1):
        yield number, {str(key): str(value).strip() for key, value in row.items()}


def _label(labels: Labels, spelled: str, place: str) -> str | None:
    if not spelled:
        return None
    try:
        return labels.class_of(spelled)
    except SmearflowError as error:
        raise SmearflowError(
            f"{place}: {error.problem}", "correct it, or leave it empty where nobody can tell"
        ) from error


def _image(
    table: Path, known: KnownCells, row: Mapping[str, str], pattern: str | None, place: str
) -> tuple[bytes, str, Name]:
    """The bytes of the image of a row, its name, and whose it is: the row's own word counts."""
    file = table.parent / row["file"]
    if file.is_file():
        found = parse_name(row["file"], pattern)
        own = Name(**{kind: row.get(kind) or getattr(found, kind) for kind in Name._fields})
        return file.read_bytes(), file.name, own
    cell = known.find(row["file"])
    if cell is None:
        raise SmearflowError(
            f"{place}: {row['file']} is no image beside the table, nor the id of a known cell",
            "put the images beside the table, or name cells as outputs/ingest/manifest.parquet "
            "does, in cell_id",
        )
    return cell
