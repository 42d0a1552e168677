"""Whose cells they are: told by a pattern, by the names of files, or by the folders they lie in."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from smearflow.cells.naming import Name, parse_name, tells_patients
from smearflow.intake.folders import Placed
from smearflow.records.sources import PatientsBy

FEW = 5  # folders around those of classes and patients: rather sites than people
_DATE = re.compile(r"\d{4}[-_.]?\d{2}[-_.]?\d{2}(?:[T_ -].*)?|\d{2}[-_.]\d{2}[-_.]\d{4}")
_FIELD = re.compile(r"(?:fov|field(?:[ _-]?of[ _-]?view)?|view|img|image|picture)s?[ _-]?\d+", re.I)


class Named(NamedTuple):
    """Whose cells a source's are.

    Attributes:
        names: in the order of what was asked for.
        by: what tells patients; None where nothing does.
        layout: of the folders, as `<patient>/<class>/<file>`.
    """

    names: tuple[Name, ...]
    by: PatientsBy | None
    layout: str


def names_of(placed: Sequence[Placed], pattern: str | None, told_by: str) -> Named:
    """Whose images are: by a pattern, by names as of the NLM/NIH set, or by folders.

    Args:
        pattern: as in `parse_name`.
        told_by: what tells the classes, for the layout.
    """
    placed = _varying(placed)
    levels = _Levels.of(placed)
    paths = [str(each.path) for each in placed]
    names, by = _by_path(paths, pattern if tells_patients(pattern) else None)
    layout = levels.layout(told_by, used=by is None)
    if by is None:
        names = tuple(levels.name_of(each) for each in placed)
        by = "folder names" if levels.tell_patients else None
    if not tells_patients(pattern):
        names = tuple(
            _with(name, parse_name(path, pattern)) for name, path in zip(names, paths, strict=True)
        )
    return Named(names, by, layout)


def _with(name: Name, told: Name) -> Name:
    """A name with what a pattern told, of fields and times alone, beside it."""
    return Name(*(new or old for new, old in zip(told, name, strict=True)))


def _by_path(
    paths: Sequence[str], pattern: str | None
) -> tuple[tuple[Name, ...], PatientsBy | None]:
    """Nothing where no pattern is given and most names are not those of the NLM/NIH set."""
    if pattern:
        return tuple(parse_name(path, pattern) for path in paths), "pattern"
    names = tuple(parse_name(path.rpartition("/")[2]) for path in paths)
    most = sum(name.patient is not None for name in names) > len(names) / 2
    return (names, "file names") if most else ((), None)


def _varying(placed: Sequence[Placed]) -> list[Placed]:
    """Without folders that are on the way to every image."""
    above = _indices([each.above for each in placed])
    below = _indices([each.below for each in placed])
    return [
        each._replace(
            above=tuple(name for at, name in enumerate(each.above) if at in above),
            below=tuple(name for at, name in enumerate(each.below) if at in below),
        )
        for each in placed
    ]


def _indices(levels: Sequence[tuple[str, ...]]) -> set[int]:
    """The levels that differ; all of them where not all are as deep."""
    if len({len(each) for each in levels}) > 1:
        return set(range(max(map(len, levels))))
    return {at for at, names in enumerate(zip(*levels, strict=True)) if len(set(names)) > 1}


class _Levels(NamedTuple):
    """What the folders above and below those of the classes are: a kind of `Name`, or nothing.

    Attributes:
        above: of all of them together.
        below: likewise.
        inner: of the innermost one below, where it is another than `below`.
        sides: whether some are sides of somebody's split.
    """

    above: str | None
    below: str | None
    inner: str | None
    sides: bool

    @classmethod
    def of(cls, placed: Sequence[Placed]) -> "_Levels":
        above = _kind([(each.label, each.above) for each in placed])
        inner, below = _kind([(each.label, each.below) for each in placed]), None
        if any(len(each.below) > 1 for each in placed):
            below = _kind([(each.label, each.below[:1]) for each in placed])
            inner = inner if inner != "patient" or below != "patient" else "field"
        if below is None:
            below, inner = inner, None
        if above == below == "patient":
            outer = {each.above for each in placed}
            both = {(each.above, each.below[:1]) for each in placed}
            if len(outer) < FEW and len(both) > len(outer):
                above = "site"
            else:
                below, inner = "field", None
        return cls(above, below, inner, any(each.side for each in placed))

    @property
    def tell_patients(self) -> bool:
        """Whether folders are patients."""
        return "patient" in (self.above, self.below)

    def name_of(self, placed: Placed) -> Name:
        """What its folders tell of an image; a field has the name of its patient, too."""
        # of one id in two sites nobody knows whether it is one person, so both stay together
        outer = placed.above if self.above == "patient" else ()
        below = placed.below[:1] if self.inner else placed.below
        parts = (
            (self.above, placed.above),
            (self.below, (*outer, *below) if below else ()),
            (self.inner, (*outer, *placed.below) if placed.below else ()),
        )
        return Name(**{kind: "/".join(names) or None for kind, names in parts if kind is not None})

    def layout(self, told_by: str, used: bool) -> str:
        """As `<patient>/<class>/<file>`; folders of which nothing is taken are `<folder>`.

        Args:
            told_by: what tells the classes: `<class>`, or else words that go before.
            used: whether anything is taken of folders above and below.
        """
        kinds = (self.above, self.below, self.inner)
        above, *below = (kind and f"<{kind if used else 'folder'}>" for kind in kinds)
        side, of_class = "<side>" if self.sides else None, told_by == "<class>"
        parts = (side, above, told_by if of_class else None, *below, "<file>")
        path = "/".join(part for part in parts if part)
        return path if of_class else f"{told_by}: {path}"


def _kind(levels: Sequence[tuple[str, tuple[str, ...]]]) -> str | None:
    """What the folders on one level are; nothing where they only repeat the class."""
    of_class: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for label, folders in levels:
        of_class[label].add(folders)
    if max(map(len, of_class.values())) == 1:
        return None
    last = [folders[-1] for each in of_class.values() for folders in each if folders]
    if all(_DATE.fullmatch(name) for name in last):
        return "time"
    if all(_FIELD.fullmatch(name) for name in last):
        return "field"
    return "patient"
