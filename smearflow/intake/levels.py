"""What the folders above and below those of the classes are: sites, patients, fields, times.

Of several levels one is of patients; what lies inside it tells fields or times. Nothing is a
patient that only says what a cell is, as a species or a stage.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, NamedTuple

from smearflow.cells.naming import Name
from smearflow.intake.folders import Placed

FEW = 5  # folders around those of patients: rather sites than people
_DATE = re.compile(r"\d{4}[-_.]?\d{2}[-_.]?\d{2}(?:[T_ -].*)?|\d{2}[-_.]\d{2}[-_.]\d{4}")
_FIELD = re.compile(r"(?:fov|field(?:[ _-]?of[ _-]?view)?|view|img|image|picture)s?[ _-]?\d+", re.I)
_KIND_OF_CELL = re.compile(
    r"(?:p(?:lasmodium)?[ _.-]*)?(?:falciparum|vivax|ovale|malariae|knowlesi)"
    r"|(?:early[ _-]|late[ _-])?(?:ring|trophozoite|schizont|gametocyte|merozoite)s?"
    r"|(?:healthy|normal|infected|uninfected|negative|positive)",
    re.I,
)

Role = Literal["site", "patient", "field", "time"]
Labelled = tuple[str, tuple[str, ...]]
"""The class of an image, and names of its folders, outermost first."""


class _Row(NamedTuple):
    """The folders on one side of those of the classes, level by level.

    Attributes:
        roles: of the levels, outermost first; None of one that tells nobody.
        around: names on the outermost level, where some images lack just that one; else empty.
    """

    roles: tuple[Role | None, ...]
    around: frozenset[str]

    def told(self, folders: tuple[str, ...]) -> list[tuple[Role | None, str]]:
        """The role of each folder of an image, which may have fewer of them."""
        return list(zip(self.roles, _padded(folders, self.around), strict=False))

    def replaced(self, old: Role, new: Role) -> "_Row":
        return self._replace(roles=tuple(new if role == old else role for role in self.roles))


class Levels(NamedTuple):
    """What the folders above and below those of the classes are.

    Attributes:
        sides: whether some are sides of somebody's split.
    """

    above: _Row
    below: _Row
    sides: bool

    @classmethod
    def of(cls, placed: Sequence[Placed]) -> "Levels":
        """Told by how often names occur, and in which classes."""
        above = _row([(each.label, each.above) for each in placed])
        below = _row([(each.label, each.below) for each in placed])
        if "patient" in above.roles and "patient" in below.roles:
            outer = {each.above for each in placed}
            both = {(each.above, each.below) for each in placed}
            if len(outer) < FEW and len(both) > len(outer):
                above = above.replaced("patient", "site")
            else:
                below = below.replaced("patient", "field")
        return cls(above, below, any(each.side for each in placed))

    @property
    def tell_patients(self) -> bool:
        """Whether folders are patients."""
        return "patient" in (*self.above.roles, *self.below.roles)

    def name_of(self, placed: Placed) -> Name:
        """What its folders tell of an image; a field has the name of its patient, too."""
        names: dict[Role, list[str]] = defaultdict(list)
        for role, name in (*self.above.told(placed.above), *self.below.told(placed.below)):
            if role is not None and name:
                names[role].append(name)
        # of one id in two sites nobody knows whether it is one person, so both stay together
        outer = names["patient"] or names["site"]
        for inner in ("field", "time"):
            if names[inner]:
                names[inner] = [*outer, *names[inner]]
        return Name(**{role: "/".join(parts) for role, parts in names.items() if parts})

    def layout(self, told_by: str, used: bool) -> str:
        """As `<patient>/<class>/<file>`; folders of which nothing is taken are `<folder>`.

        Args:
            told_by: what tells the classes: `<class>`, or else words that go before.
            used: whether anything is taken of folders above and below.
        """
        above, below = (
            [f"<{role if used else 'folder'}>" for role in row.roles if role]
            for row in (self.above, self.below)
        )
        side, of_class = ["<side>"] * self.sides, told_by == "<class>"
        path = "/".join([*side, *above, *([told_by] if of_class else []), *below, "<file>"])
        return path if of_class else f"{told_by}: {path}"


def _row(levels: Sequence[Labelled]) -> _Row:
    around = _around([folders for _, folders in levels])
    columns: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for label, folders in levels:
        for at, name in enumerate(_padded(folders, around)):
            columns[at] += [(label, name)] if name else []
    roles: list[Role | None] = []
    for at, column in columns.items():
        role = _role(column)
        if role == "patient" and "patient" in roles:
            role = "field"
        elif role == "patient" and _role(inner := columns.get(at + 1, [])) == "patient":
            names, within = ({name for _, name in each} for each in (column, inner))
            if around or (len(names) < FEW and len(within) > len(names)):
                role = "site"
        roles.append(role)
    return _Row(tuple(roles), around)


def _around(all_folders: Sequence[tuple[str, ...]]) -> frozenset[str]:
    """Names on an outermost level that some images lack: those begin with names of the next."""
    depth = max(map(len, all_folders), default=0)
    first = {folders[0] for folders in all_folders if len(folders) == depth > 1}
    second = {folders[1] for folders in all_folders if len(folders) == depth > 1}
    shallower = {folders[0] for folders in all_folders if 0 < len(folders) < depth}
    lacking = shallower & second and not shallower & first
    return frozenset(first if lacking else ())


def _padded(folders: tuple[str, ...], around: frozenset[str]) -> tuple[str, ...]:
    """With an empty name in place of the outermost level, where an image lacks that."""
    return ("", *folders) if folders and around and folders[0] not in around else folders


def _role(column: Sequence[tuple[str, str]]) -> Role | None:
    """What the folders on one level are; nothing where they only repeat or refine the class."""
    of_class: dict[str, set[str]] = defaultdict(set)
    for label, name in column:
        of_class[label].add(name)
    names = set().union(*of_class.values())
    if max(map(len, of_class.values()), default=0) < 2 or all(map(_KIND_OF_CELL.fullmatch, names)):
        return None
    if all(map(_DATE.fullmatch, names)):
        return "time"
    return "field" if all(map(_FIELD.fullmatch, names)) else "patient"
