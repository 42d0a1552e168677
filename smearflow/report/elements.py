"""What a page is made of: sections of sentences, cells, pictures, tables and links."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

_LONG = 12  # rows of a table


@dataclass(frozen=True)
class Table:
    """A table of texts; columns named in `left` are aligned left, the others right.

    Attributes:
        aside: whether a page shows its caption alone until it is opened; None: if it is long.
    """

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    left: tuple[str, ...] = ()
    aside: bool | None = None

    @property
    def folded(self) -> bool:
        """Whether it is aside."""
        return len(self.rows) >= _LONG if self.aside is None else self.aside


@dataclass(frozen=True)
class CellPicture:
    """A cell: RGB pixels [S, S, 3], what it shows, and what is to be known of it."""

    pixels: npt.NDArray[np.uint8]
    shows: str
    note: str


@dataclass(frozen=True)
class Gallery:
    """Cells side by side, and what they have in common in a word and in a line."""

    name: str
    caption: str
    cells: Sequence[CellPicture]


@dataclass(frozen=True)
class Picture:
    """A PNG file and what it shows."""

    path: Path
    caption: str


@dataclass(frozen=True)
class Link:
    """A page beside this one: `before <a href=target>name</a>.`"""

    before: str
    name: str
    target: str


@dataclass(frozen=True)
class Section:
    """One heading of the page."""

    anchor: str
    title: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    galleries: list[Gallery] = field(default_factory=list)
