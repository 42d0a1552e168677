"""The manifest: a table with a row per image."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd
from PIL import Image

from smearflow.cells.duplicates import perceptual_hash, pixel_hash
from smearflow.cells.naming import Name
from smearflow.images.decode import ALONE, AmbiguousError, UndecodableError, decode
from smearflow.images.ranges import MEASURED, UNKNOWN, Peak, Rules, Scales, in_words
from smearflow.images.statistics import STATISTICS, measure
from smearflow.parallel import ordered_map

__all__ = [
    "COLUMNS",
    "STATISTICS",
    "Examined",
    "Row",
    "describe",
    "describe_all",
    "examine",
    "identify",
    "remarks",
    "tabulate",
]

COLUMNS = {
    "cell_id": "object",  # the path without its suffix
    "path": "object",  # <source>/<its place there>, as <source>/<label>/<file>
    "source": "object",
    "label": "object",
    "patient": "object",  # <source>/<id>
    "field": "object",  # <source>/<name of the field of view>
    "time": "object",  # when it was photographed, in any form
    "site": "object",  # laboratory or microscope
    "width": "int32",  # pixels, 0 when undecodable
    "height": "int32",
    "mode": "object",  # of the stored pixels, and which of several pages; see `images.Decoded`
    "white": "float64",  # the stored value that is 255 here; null when undecodable
    "white_by": "object",  # what told that, see `ranges.Range`; `unknown` is an error
    "bytes": "int64",
    "sha256": "object",
    "pixels": "object",  # what `duplicates.pixel_hash` makes of them; null when undecodable
    "appearance": "object",  # likewise `duplicates.perceptual_hash`
    "error": "object",  # why the image can't be decoded
    "corrected_by": "object",  # id of the same image under another label that is the valid one
    **dict.fromkeys(STATISTICS, "float64"),  # null when undecodable
}

Row = dict[str, str | int | float | None]
"""Some of COLUMNS."""


class Examined(NamedTuple):
    """What the bytes of an image file tell.

    Attributes:
        row: the columns from `width` on; those that are not known, as of bytes that can't be
            decoded all but their `error`, may be missing.
        image: in mode RGB; None when undecodable.
        statistics: of `measure`, which the row has too; none when undecodable.
        peak: of samples whose range depends on the other images of the set, else None.
    """

    row: Row
    image: Image.Image | None
    statistics: dict[str, float]
    peak: Peak | None


def describe(data: bytes, scales: Scales = ALONE) -> Row:
    """The row of `examine`."""
    return examine(data, scales).row


def describe_all(
    read: Callable[[str], bytes],
    paths: Sequence[str],
    bits: int | None,
    done: Callable[[int], None] = lambda _: None,
) -> list[Row]:
    """`describe` the images of a set over all cores, in order; deep ones share a measured range.

    Args:
        read: gives the bytes of an image by its path.
        bits: of samples of more than 8 bits, if a person states them.
        done: called with the number of images described so far.
    """

    def described(rules: Rules, chosen: Sequence[str]) -> Iterator[tuple[Row, Peak | None]]:
        return ordered_map(partial(_row_and_peak, scales=rules), map(read, chosen), len(chosen))

    rules, rows, peaks = Rules(bits), list[Row](), dict[int, Peak]()
    for at, (row, peak) in enumerate(described(rules, paths)):
        rows.append(row)
        if peak:
            peaks[at] = peak
        done(at + 1)
    rules = rules.measured(peaks.values())
    for at, (row, _) in zip(peaks, described(rules, [paths[at] for at in peaks]), strict=True):
        rows[at] = row
    return rows


def _row_and_peak(data: bytes, scales: Scales) -> tuple[Row, Peak | None]:
    """What another process needs to send of `examine`."""
    found = examine(data, scales)
    return found.row, found.peak


def remarks(table: pd.DataFrame) -> list[str]:
    """What people should know of ranges that no file names, and of images that are unsure."""
    found = []
    measured = table[table["white_by"] == MEASURED]
    for white, count in measured["white"].value_counts(sort=False).items():
        words = in_words(float(str(white)))
        found.append(f"{count} of {len(table)} images name no range: {words}, measured over them")
    unsure = table[table["white_by"] == UNKNOWN]
    if len(unsure):
        first = unsure.iloc[0]
        found.append(
            f"{len(unsure)} of {len(table)} images can't be known for sure, first "
            f"{first['path']}: {first['error']}"
        )
    return found


def examine(data: bytes, scales: Scales = ALONE) -> Examined:
    """Decode and measure the bytes of an image file.

    Args:
        scales: as in `images.decode`.
    """
    row: Row = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    try:
        image, mode, (white, white_by), peak = decode(data, scales)
    except UndecodableError as error:
        row |= {"width": 0, "height": 0, "error": str(error)}
        if not isinstance(error, AmbiguousError):
            return Examined(row, None, {}, None)
        return Examined(row | {"white_by": UNKNOWN}, None, {}, error.peak)
    row |= {"width": image.width, "height": image.height, "mode": mode}
    row |= {"white": white, "white_by": white_by}
    row |= {"pixels": pixel_hash(image), "appearance": perceptual_hash(image)}
    statistics = measure(image)
    return Examined({**row, **statistics}, image, statistics, peak)


def identify(source: str, label: str | None, path: str, name: Name) -> Row:
    """What is known of where an image comes from: the columns up to `site`, but for the cell id."""
    return {
        "path": path,
        "source": source,
        "label": label,
        # perhaps another person than the same id in another source; for leaks, see own_id
        "patient": name.patient and f"{source}/{name.patient}",
        "field": name.field and f"{source}/{name.field}",
        "time": name.time,
        "site": name.site,
    }


def tabulate(rows: Iterable[Row]) -> pd.DataFrame:
    """The manifest of these rows (each `identify` and `describe` together), sorted by path.

    Two files that differ in their suffix alone keep it in their cell id, which stays unique.
    """
    records = [{name: row.get(name) for name in COLUMNS} for row in rows]
    table = pd.DataFrame(records, columns=list(COLUMNS)).sort_values("path", ignore_index=True)
    stems = table["path"].map(lambda path: str(PurePosixPath(path).with_suffix("")))
    table["cell_id"] = stems.where(~stems.duplicated(keep=False), table["path"])
    return table.astype(COLUMNS)
