"""The cells of a source as it was understood, whatever its layout."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from smearflow.cells.naming import Name
from smearflow.records.sources import LeftOut, Reason, SourceFacts


class Box(NamedTuple):
    """A rectangle of an image, in pixels from its upper left; right and bottom lie outside."""

    left: float
    top: float
    right: float
    bottom: float


class Listed(NamedTuple):
    """A cell of a source.

    Attributes:
        path: unique in the source, POSIX; of a cell in an image of its own, the file's place.
        file: that holds it.
        label: the class.
        name: whose it is, as far as that is known.
        box: where in the file it is; None: all of it.
    """

    path: str
    file: Path
    label: str
    name: Name = Name()
    box: Box | None = None


@dataclass(frozen=True)
class Listing:
    """The cells of a source, sorted by path, and how it was understood.

    Attributes:
        explicit: whether something else than the paths tells labels or patients: then a table must
            go with the cells wherever they go.
    """

    cells: tuple[Listed, ...]
    facts: SourceFacts
    explicit: bool


class Aside:
    """Collects what is left out, by reason."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Reason, str]] = Counter()
        self._first: dict[tuple[Reason, str], str] = {}

    def add(self, reason: Reason, first: object, what: str = "", count: int = 1) -> None:
        """Note something, of which `first` is (the first) one."""
        if count:
            self._counts[reason, what] += count
            self._first.setdefault((reason, what), str(first))

    def extend(self, reason: Reason, found: Iterable[object], what: str = "") -> None:
        """Note several for one reason."""
        for each in found:
            self.add(reason, each, what)

    def left_out(self) -> tuple[LeftOut, ...]:
        """All of it, sorted."""
        return tuple(self._parts())

    def _parts(self) -> Iterator[LeftOut]:
        for (reason, what), count in sorted(self._counts.items()):
            yield LeftOut(reason=reason, what=what, count=count, first=self._first[reason, what])
