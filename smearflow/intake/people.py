"""Whose cells they are: told by a pattern, by the names of files, or by the folders they lie in."""

from collections.abc import Sequence
from typing import NamedTuple

from smearflow.cells.naming import Name, parse_name, tells_patients
from smearflow.intake.folders import Placed
from smearflow.intake.levels import Levels
from smearflow.records.sources import PatientsBy


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
    levels = Levels.of(placed)
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
