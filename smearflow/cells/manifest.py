"""The manifest: a table with a row per image."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
from PIL import Image

from smearflow.cells.duplicates import perceptual_hash, pixel_hash
from smearflow.cells.images import UndecodableError, decode
from smearflow.cells.naming import parse_name
from smearflow.cells.statistics import STATISTICS, measure

__all__ = [
    "COLUMNS",
    "STATISTICS",
    "describe",
    "examine",
    "identify",
    "read",
    "tabulate",
    "write",
]

COLUMNS = {
    "cell_id": "object",  # the path without its suffix
    "path": "object",  # <source>/<label>/<file>
    "source": "object",
    "label": "object",
    "patient": "object",  # <source>/<id>
    "field": "object",  # <source>/<name of the field of view>
    "width": "int32",  # pixels, 0 when undecodable
    "height": "int32",
    "mode": "object",  # Pillow's name of the stored pixel format
    "bytes": "int64",
    "sha256": "object",
    "pixels": "object",  # what `duplicates.pixel_hash` makes of them; null when undecodable
    "appearance": "object",  # likewise `duplicates.perceptual_hash`
    "error": "object",  # why the image can't be decoded
    "corrected_by": "object",  # id of the same image under another label that is the valid one
    **dict.fromkeys(STATISTICS, "float64"),  # null when undecodable
}


def describe(data: bytes) -> dict[str, Any]:
    """What the bytes of an image file tell: the columns from `width` on.

    Bytes that can't be decoded give a row with their `error`.
    """
    return examine(data)[0]


def examine(data: bytes) -> tuple[dict[str, Any], Image.Image | None]:
    """`describe`, and the decoded RGB image for further use; None when undecodable."""
    row: dict[str, Any] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    try:
        image, mode = decode(data)
    except UndecodableError as error:
        return row | {"width": 0, "height": 0, "error": str(error)}, None
    row |= {"width": image.width, "height": image.height, "mode": mode}
    row |= {"pixels": pixel_hash(image), "appearance": perceptual_hash(image)}
    return row | measure(image), image


def identify(source: str, label: str | None, path: str, pattern: str | None) -> dict[str, Any]:
    """What the place and name of a file tell: the columns up to `field`, but for the cell id.

    Args:
        pattern: as in `naming.parse_name`.
    """
    name = parse_name(PurePosixPath(path).stem, pattern)
    return {
        "path": path,
        "source": source,
        "label": label,
        # perhaps another person than the same id in another source; for leaks, see own_id
        "patient": name.patient and f"{source}/{name.patient}",
        "field": name.field and f"{source}/{name.field}",
    }


def tabulate(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The manifest of these rows (each `identify` and `describe` together), sorted by path.

    Two files that differ in their suffix alone keep it in their cell id, which stays unique.
    """
    records = [{name: row.get(name) for name in COLUMNS} for row in rows]
    table = pd.DataFrame(records, columns=list(COLUMNS)).sort_values("path", ignore_index=True)
    stems = table["path"].map(lambda path: str(PurePosixPath(path).with_suffix("")))
    table["cell_id"] = stems.where(~stems.duplicated(keep=False), table["path"])
    return table.astype(COLUMNS)


def write(table: pd.DataFrame, file: Path) -> None:
    """Write a table as Parquet; the same table gives the same bytes."""
    table.to_parquet(file, index=False, compression="zstd")


def read(file: Path) -> pd.DataFrame:
    """Read a table that `write` wrote."""
    return pd.read_parquet(file)
