"""A table of images: read from its file, its columns told by their names or by what they hold."""

import re
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.matching import Finder
from smearflow.params.ingest import Columns

SUFFIXES = frozenset({".csv", ".tsv", ".parquet", ".pq"})
MOST_BYTES = 10**9
_ENCODINGS = ("utf-8-sig", "cp1252")
_LOOKED_AT = 200  # rows that tell which column names images
_ENOUGH = 0.5  # share of them that must
# other names of columns, in lower case and without what stands between words
_PERSON = "patient|subject|case|donor|participant|person|individual|proband"
_ID = "id|no|nr|num|number|code|name|key|identifier"
_PROPOSED = re.compile(r"(suggest|predict|propos)\w*")
_ALSO = {
    "patient": re.compile(rf"(?:{_PERSON})s?(?:{_ID})?|(?:id|no|nr)(?:{_PERSON})|pid"),
    "field": re.compile(rf"(?:fieldofview|field|fov)(?:{_ID})?"),
    "time": re.compile("time|date|datetime|timestamp|acquired|acquisitiondate"),
    "site": re.compile(rf"(?:site|laboratory|lab|clinic|hospital|centre|center)(?:{_ID})?"),
}
# columns of the corners or sides of boxes, of which a table has one in each row
_BOXES = (
    frozenset({"xmin", "ymin", "xmax", "ymax"}),
    frozenset({"x1", "y1", "x2", "y2"}),
    frozenset({"x", "y", "width", "height"}),
    frozenset({"x", "y", "w", "h"}),
    frozenset({"left", "top", "right", "bottom"}),
    frozenset({"left", "top", "width", "height"}),
    frozenset({"bbox"}),
)
_SEPARATOR = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)  # a first line, as Excel has it


class Grid(NamedTuple):
    """A table of images.

    Attributes:
        file: it was read from.
        rows: text in every cell, empty where there is nothing.
        columns: by what they tell, `file` among them, the names of columns.
    """

    file: Path
    rows: pd.DataFrame
    columns: Mapping[str, str]

    @property
    def says_patients(self) -> bool:
        """Whether the name of a column says so, not the number of columns alone."""
        return not self.columns.get("patient", "0").isdecimal()


def read_grid(
    file: Path, columns: Columns, finder: Finder, labels: Labels, *, alone: bool = True
) -> Grid | None:
    """Read a table.

    Args:
        columns: names that a person gave.
        finder: of the images that it may be about.
        alone: whether it must have all of these columns, as no other table may.

    Returns:
        None if no column names images.

    Raises:
        SmearflowError: it is no table, lacks a column that a person named, has a box in each row,
            or two columns of labels at odds.
    """
    rows = _read(file)
    if file.suffix.lower() not in (".parquet", ".pq"):
        rows = _with_names(rows, finder)
    named = {kind: name for kind, name in columns.model_dump().items() if name is not None}
    for kind, name in list(named.items()):
        if name not in rows and not alone:
            del named[kind]
        elif name not in rows:
            raise SmearflowError(
                f"{file} has no column {name}, but {', '.join(_columns(rows))}",
                f"correct columns.{kind} of that source in params.yaml",
            )
    if "file" not in named:
        name = _naming(rows, finder)
        if name is None:
            return None
        named["file"] = name
    _refuse_boxes(file, rows, named["file"])
    found = named | _others(rows, named)
    if "label" not in found and (label := _label(file, rows, found, labels)):
        found["label"] = label
    if len(found) == 1 and list(rows.columns) == ["0", "1"]:  # as the NLM's tables of patients
        found["patient"] = next(name for name in _columns(rows) if name != found["file"])
    return Grid(file, rows, found)


def _read(file: Path) -> pd.DataFrame:
    """All of a table as text; of one of text, its first line is a row."""
    if file.stat().st_size > MOST_BYTES:
        raise SmearflowError(f"{file} has more than {MOST_BYTES} bytes", "name a smaller table")
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            table = pd.read_parquet(file)
            if any(table.index.names):  # which somebody kept as the names of the rows
                table = table.reset_index()
            return table.astype(object).map(_text).rename(columns=str)
        return _read_text(file)
    except (OSError, ValueError, pd.errors.ParserError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise SmearflowError(f"{file} is no table: {reason}", "correct that file") from error


def _read_text(file: Path) -> pd.DataFrame:
    content = file.read_bytes()
    utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16",) if utf16 else _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        stated = _SEPARATOR.match(text)
        table = pd.read_csv(
            StringIO(text[stated.end() :] if stated else text),
            sep=stated[1] if stated else None,  # whatever stands between the columns
            engine="python",
            header=None,
            dtype=str,
            keep_default_na=False,
        )
        table = table.fillna("").map(str.strip).rename(columns=str)
        return table[(table != "").any(axis=1)].reset_index(drop=True)
    raise ValueError("its text is neither UTF-8, UTF-16 nor Windows-1252")


def _text(value: object) -> str:
    """A cell of a typed table: 1.0 is 1, and what is missing is empty."""
    if value is None or value != value or value is pd.NaT or value is pd.NA:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _with_names(rows: pd.DataFrame, finder: Finder) -> pd.DataFrame:
    """Take the first line for the names of the columns, unless it names an image itself."""
    if rows.empty or any(_finds(finder, text) for text in rows.iloc[0]):
        return rows
    names: list[str] = []
    for number, name in enumerate(rows.iloc[0]):  # of spreadsheets some are empty, or there twice
        names.append(name if name and name not in names else f"{name} {number}".strip())
    return rows.iloc[1:].set_axis(names, axis=1).reset_index(drop=True)


def _columns(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows.columns]


def _naming(rows: pd.DataFrame, finder: Finder) -> str | None:
    """Of the columns whose values mostly name images the one that names most of them."""
    looked_at = rows.iloc[:: max(1, len(rows) // _LOOKED_AT)]
    named: dict[str, int] = {}
    for name in _columns(rows):
        found = [text for text in looked_at[name] if _finds(finder, text)]
        if found and len(found) >= _ENOUGH * len(looked_at):
            named[name] = len(set(found))  # few, of labels 0 and 1 beside images 0.png and 1.png
    return max(named, key=lambda name: named[name], default=None)


def _refuse_boxes(file: Path, rows: pd.DataFrame, naming: str) -> None:
    """Of a photograph of many cells no single label is right."""
    plain = set(map(_plain, _columns(rows)))
    if rows[naming].duplicated().any() and any(corners <= plain for corners in _BOXES):
        raise SmearflowError(
            f"{file} has a box in each row, several of one image, which smearflow does not read",
            "export the boxes as COCO, Pascal VOC or YOLO, and move that table away",
        )


def _others(rows: pd.DataFrame, named: Mapping[str, str]) -> dict[str, str]:
    """The columns that tell whose cells they are, and that nobody named: by their names."""
    taken, found = set(named.values()), dict[str, str]()
    for kind, words in _ALSO.items():
        fitting = (
            name for name in _columns(rows) if name not in taken and words.fullmatch(_plain(name))
        )
        if kind not in named and (own := next(fitting, None)):
            found[kind] = own
            taken.add(own)
    return found


def _label(file: Path, rows: pd.DataFrame, found: Mapping[str, str], labels: Labels) -> str | None:
    """The column of which most values are labels; others may be empty, or still unknown.

    Raises:
        SmearflowError: there are two, and they differ.
    """
    fitting = [
        name
        for name in _columns(rows)
        if name not in found.values() and _share_known(rows[name], labels) > _ENOUGH
    ]
    # what a program proposed beside what somebody said
    said = [name for name in fitting if not _PROPOSED.fullmatch(_plain(name))]
    fitting = said or fitting
    meanings = [
        [labels.class_of(text) if labels.knows(text) else text for text in rows[name]]
        for name in fitting
    ]
    if len(fitting) > 1 and any(other != meanings[0] for other in meanings[1:]):
        raise SmearflowError(
            f"{file} has several columns of labels, which differ: {', '.join(fitting)}",
            "say which one is meant by columns of that source in params.yaml: "
            f"{{label: {fitting[0]}}}",
        )
    return fitting[0] if fitting else None


def _share_known(texts: pd.Series, labels: Labels) -> float:
    there = texts[texts != ""]
    return float(there.map(labels.knows).mean()) if len(there) else 0.0


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _finds(finder: Finder, text: str) -> bool:
    try:
        return finder.find(text) is not None
    except SmearflowError:
        return True  # it names an image, only not which
