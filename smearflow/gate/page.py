"""The page of what a gate found: every failed expectation, with pictures of the files."""

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from PIL import Image

from smearflow.ground.files import write_bytes
from smearflow.html import templates
from smearflow.images.decode import AmbiguousError, UndecodableError, decode
from smearflow.images.ranges import Settled

PAGE, TABLE = "index.html", "offenders.csv"
SIDE = 96  # pixels of a thumbnail, at most


@dataclass(frozen=True)
class _File:
    path: str
    value: str
    picture: str | None


@dataclass(frozen=True)
class _Group:
    severity: str
    column: str
    expectation: str
    why: str
    count: int
    files: list[_File]


def write_offenders(
    folder: Path, title: str, found: pd.DataFrame, read: Callable[[str], bytes], examples: int
) -> None:
    """Write index.html and offenders.csv into a folder.

    Args:
        title: of the page.
        found: of `smearflow.gate.offenders`; the table holds all of it.
        read: gives the bytes of an image by its path.
        examples: files shown per expectation, at most.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_bytes(folder / TABLE, found.to_csv(index=False).encode())
    parts = found.groupby(["severity", "column", "expectation", "why"], sort=False)
    groups = [_group(rows, read, examples) for _, rows in parts]
    groups.sort(key=lambda group: group.severity != "critical")
    template = templates("smearflow.gate").get_template("offenders.html.j2")
    write_bytes(folder / PAGE, template.render(title=title, groups=groups).encode())


def _group(rows: pd.DataFrame, read: Callable[[str], bytes], examples: int) -> _Group:
    first = rows.iloc[0]
    shown = rows.head(examples)
    files = [
        _File(path, value, _thumbnail(read(path)))
        for path, value in zip(shown["path"], shown["value"], strict=True)
    ]
    names = (first["severity"], first["column"], first["expectation"], first["why"])
    return _Group(*names, len(rows), files)


def _shown(data: bytes) -> Image.Image:
    """As it is; where its range is told by others at most, as light as it can be."""
    try:
        return decode(data).image
    except AmbiguousError as error:
        if error.peak is None or not error.peak.value:
            raise
        return decode(data, Settled(error.peak.value)).image


def _thumbnail(data: bytes) -> str | None:
    """An image as a URL that holds it; None where there is nothing to see."""
    try:
        image = _shown(data)
    except UndecodableError:
        return None
    image.thumbnail((SIDE, SIDE))
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
