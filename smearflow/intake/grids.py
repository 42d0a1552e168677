"""A table of images: read from its file, its columns told by their names or by what they hold."""

import re
from collections.abc import Mapping
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
_ALSO = {
    "patient": ["patient", "patientid", "patientname", "subject", "subjectid", "case", "caseid"],
    "field": ["field", "fieldid", "fieldofview", "fov", "fovid"],
    "time": ["time", "date", "datetime", "timestamp", "acquired", "acquisitiondate"],
    "site": ["site", "siteid", "laboratory", "lab", "clinic", "hospital", "centre", "center"],
}


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


def read_grid(file: Path, columns: Columns, finder: Finder, labels: Labels) -> Grid | None:
    """Read a table.

    Args:
        columns: names that a person gave.
        finder: of the images that it may be about.

    Returns:
        None if no column names images.

    Raises:
        SmearflowError: it is no table, or lacks a column that a person named.
    """
    rows = _read(file)
    if file.suffix.lower() not in (".parquet", ".pq"):
        rows = _with_names(rows, finder)
    named = {kind: name for kind, name in columns.model_dump().items() if name is not None}
    for kind, name in named.items():
        if name not in rows:
            raise SmearflowError(
                f"{file} has no column {name}, but {', '.join(_columns(rows))}",
                f"correct columns.{kind} of that source in params.yaml",
            )
    if "file" not in named:
        name = _naming(rows, finder)
        if name is None:
            return None
        named["file"] = name
    return Grid(file, rows, named | _others(rows, named, labels))


def _read(file: Path) -> pd.DataFrame:
    """All of a table as text; of one of text, its first line is a row."""
    if file.stat().st_size > MOST_BYTES:
        raise SmearflowError(f"{file} has more than {MOST_BYTES} bytes", "name a smaller table")
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            table = pd.read_parquet(file)
            return table.map(_text).rename(columns=str)
        return _read_text(file)
    except (OSError, ValueError, pd.errors.ParserError, UnicodeError) as error:
        reason = " ".join(str(error).split())
        raise SmearflowError(f"{file} is no table: {reason}", "correct that file") from error


def _read_text(file: Path) -> pd.DataFrame:
    head = file.read_bytes()[:4]
    encodings = ("utf-16",) if head[:2] in (b"\xff\xfe", b"\xfe\xff") else _ENCODINGS
    for encoding in encodings:
        try:
            table = pd.read_csv(
                file,
                sep=None,  # whatever stands between the columns
                engine="python",
                header=None,
                dtype=str,
                keep_default_na=False,
                encoding=encoding,
            )
        except UnicodeDecodeError:
            continue
        return table.fillna("").map(str.strip).rename(columns=str)
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
    return rows.iloc[1:].set_axis(list(rows.iloc[0]), axis=1).reset_index(drop=True)


def _columns(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name in rows.columns]


def _naming(rows: pd.DataFrame, finder: Finder) -> str | None:
    """The column that names most images."""
    looked_at = rows.iloc[:: max(1, len(rows) // _LOOKED_AT)]
    shares = {
        name: sum(_finds(finder, text) for text in looked_at[name].unique()) / len(looked_at)
        for name in _columns(rows)
        if len(looked_at)
    }
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= _ENOUGH else None


def _others(rows: pd.DataFrame, named: Mapping[str, str], labels: Labels) -> dict[str, str]:
    """The columns that nobody named: the label by what it holds, the others by their names."""
    taken, found = set(named.values()), dict[str, str]()
    plain = {
        re.sub(r"[\W_]", "", name).lower(): name for name in _columns(rows) if name not in taken
    }
    for kind, names in _ALSO.items():
        if kind not in named and (own := [plain[name] for name in names if name in plain]):
            found[kind] = own[0]
            taken.add(own[0])
    if "label" not in named:
        fitting = [
            name
            for name in _columns(rows)
            if name not in taken and len(rows) and rows[name].map(labels.knows).all()
        ]
        if fitting:
            found["label"] = fitting[0]
    if len(rows.columns) == 2 and len({*named, *found}) == 1:  # as the NLM's tables of patients
        found["patient"] = next(name for name in _columns(rows) if name != named["file"])
    return found


def _finds(finder: Finder, text: str) -> bool:
    try:
        return finder.find(text) is not None
    except SmearflowError:
        return True  # it names an image, only not which
