"""What a page is made of: sections of sentences, tables, pictures and links."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """A table of texts; columns named in `left` are aligned left, the others right."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    left: tuple[str, ...] = ()


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
