"""Contact sheets: some cells of each class, and of each patient, at a glance.

Each is a JPEG beside the page that shows it. About 6,000 cells are shown at most, whatever the
size of the set: some 8 MB, and seconds to draw.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image

from smearflow.report.spacing import spaced
from smearflow.splitting.packing import decode_all

SIDE = 64  # pixels of a cell
GAP = 2
ROW = 12  # cells side by side
OF_CLASS = 60  # cells of a sheet
OF_GROUP = 24
LEAST_OF_GROUP = 6
BUDGET = 6000  # cells of groups in all
_BACK = 235  # grey between cells
_QUALITY = 78  # JPEG


@dataclass(frozen=True)
class Strip:
    """Cells of one class.

    Attributes:
        label: the class.
        total: cells there are.
        shown: of these.
        groups: that the cells shown are of; 0 where none is known.
        file: name of the picture; empty where there is none.
        width: pixels.
        height: likewise.
    """

    label: str
    total: int
    shown: int
    groups: int
    file: str
    width: int
    height: int


@dataclass(frozen=True)
class Sheet:
    """Cells of a class, or of a group: of all its classes, the positive one first."""

    title: str
    strips: tuple[Strip, ...]

    @property
    def total(self) -> int:
        """Cells there are."""
        return sum(strip.total for strip in self.strips)


@dataclass(frozen=True)
class Sheets:
    """All contact sheets of a set.

    Attributes:
        classes: the positive one first.
        groups: some where there are very many.
        every: number of groups there are.
    """

    classes: tuple[Sheet, ...]
    groups: tuple[Sheet, ...]
    every: int


Places = defaultdict[str, list[int]]
"""Positions in the manifest, by group; those of none under an empty name."""


class _Plan(NamedTuple):
    """A strip that is to be drawn: some of the cells of a class, by position in the manifest."""

    label: str
    total: int
    rows: Sequence[int]
    groups: int


def write_sheets(
    folder: Path,
    images: pd.DataFrame,
    groups: pd.Series,
    classes: tuple[str, str],
    read: Callable[[str], bytes],
) -> Sheets:
    """Draw the contact sheets into a folder, which is made.

    Args:
        images: rows of the manifest that can be decoded.
        groups: of each image; null where none is known.
        classes: negative before positive.
        read: gives the bytes of an image by its path.
    """
    folder.mkdir(parents=True)
    images = images[images["label"].isin(classes)]
    cells = list(zip(images["label"], groups[images.index].fillna(""), strict=True))
    by_class: dict[str, Places] = {name: defaultdict(list) for name in classes}
    by_group: Places = defaultdict(list)
    for at, (label, group) in enumerate(cells):
        by_class[label][group].append(at)
        if group:
            by_group[group].append(at)
    shown = spaced(sorted(by_group, key=_counted), BUDGET // LEAST_OF_GROUP)
    most = min(OF_GROUP, BUDGET // max(len(shown), 1))
    order = classes[::-1]
    plans = [
        *((name, [_of_class(name, by_class[name])]) for name in order),
        *((name, _of_group(by_group[name], cells, order, most)) for name in shown),
    ]
    rows = [row for _, parts in plans for part in parts for row in part.rows]
    chosen = images.iloc[rows]
    pixels = decode_all(map(read, chosen["path"]), SIDE, len(chosen), chosen["white"])
    sheets = [
        Sheet(
            title,
            tuple(
                _draw(folder / f"{at}-{order.index(part.label)}.jpg", part, pixels)
                for part in parts
            ),
        )
        for at, (title, parts) in enumerate(plans)
    ]
    return Sheets(tuple(sheets[: len(order)]), tuple(sheets[len(order) :]), len(by_group))


def _counted(name: str) -> list[tuple[int, str]]:
    """For an order in which C2 comes before C10."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)
    ]


def _of_class(label: str, by_group: Mapping[str, Sequence[int]]) -> _Plan:
    """Cells of a class, of as many groups as there can be."""
    parts = spaced([by_group[name] for name in sorted(by_group)], OF_CLASS)
    quotas = [0] * len(parts)
    total = sum(map(len, by_group.values()))
    while sum(quotas) < min(OF_CLASS, sum(map(len, parts))):
        for at, part in enumerate(parts):
            quotas[at] += quotas[at] < len(part) and sum(quotas) < OF_CLASS
    rows = [row for part, quota in zip(parts, quotas, strict=True) for row in spaced(part, quota)]
    return _Plan(label, total, rows, sum(map(bool, quotas)) if any(by_group) else 0)


def _of_group(
    places: Sequence[int], cells: Sequence[tuple[str, str]], order: Sequence[str], most: int
) -> list[_Plan]:
    """Cells of a group, as many of one class as of the other."""
    parts = {name: [at for at in places if cells[at][0] == name] for name in order}
    room = most // max(sum(map(bool, parts.values())), 1)
    return [_Plan(name, len(rows), spaced(rows, room), 1) for name, rows in parts.items()]


def _draw(file: Path, plan: _Plan, pixels: Iterator[npt.NDArray[np.uint8]]) -> Strip:
    """Take the cells of a strip and write them; nothing where there are none."""
    count = len(plan.rows)
    if not count:
        return Strip(plan.label, plan.total, 0, 0, "", 0, 0)
    step = SIDE + GAP
    width, height = min(count, ROW) * step - GAP, -(-count // ROW) * step - GAP
    canvas = np.full((height, width, 3), _BACK, np.uint8)
    for at in range(count):
        top, left = at // ROW * step, at % ROW * step
        canvas[top : top + SIDE, left : left + SIDE] = next(pixels)
    Image.fromarray(canvas).save(file, quality=_QUALITY)
    return Strip(plan.label, plan.total, count, plan.groups, file.name, width, height)
