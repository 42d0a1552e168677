"""The names of many images as a table: a column for each place where a value stands."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePosixPath

from smearflow.intake.name_words import KNOWN, SIDES
from smearflow.intake.tokens import Token, Unit, tokens_of, units_of

MOST = 0.99  # share of the images: a few names may be unlike the others
STEM = 99  # level of a file's own name; folders count from 0, the outermost
_VALUES = frozenset(("number", "uuid", "hash", "chunk"))

Key = tuple[int, str, int]
"""Level, prefix or kind, and which of several of these."""


@dataclass(frozen=True)
class Column:
    """What stands in one place of the names.

    Attributes:
        level: STEM, or of a folder.
        prefix: the word that says of what; empty where none is there.
        nth: of several with this prefix in a name, from 0.
        kind: as in `tokens.Unit`.
        units: per image; None where its name has no such value.
    """

    level: int
    prefix: str
    nth: int
    kind: str
    units: tuple[Unit | None, ...]

    @cached_property
    def values(self) -> tuple[str | None, ...]:
        """Per image; numbers without leading zeros, so that P01 is P1."""
        return tuple(unit and _plain(unit) for unit in self.units)

    @cached_property
    def counts(self) -> Counter[str]:
        """Images by value."""
        return Counter(value for value in self.values if value is not None)

    @property
    def coverage(self) -> float:
        """Share of the images that have it."""
        return self.counts.total() / len(self.units)

    @property
    def is_id(self) -> bool:
        """Whether the values may be those of people, photographs or cells."""
        return self.kind in _VALUES

    @property
    def numbers(self) -> list[int] | None:
        """The different values, rising; None where some are no numbers."""
        if not all(value.isdecimal() for value in self.counts):
            return None
        return sorted(map(int, self.counts))


def _plain(unit: Unit) -> str:
    return unit.value.lstrip("0") or "0" if unit.kind == "number" else unit.value.lower()


@dataclass(frozen=True)
class Names:
    """Names of images, taken apart.

    Attributes:
        tokens: per image, of the file's own name.
        columns: outer folders first, then as they follow each other in the names.
        classes: per image, what is taken for its label.
        regular: whether nearly all files' names have the same values in the same order.
    """

    tokens: tuple[Sequence[Token], ...]
    columns: tuple[Column, ...]
    classes: tuple[str, ...]
    regular: bool

    def __len__(self) -> int:
        """How many images there are."""
        return len(self.tokens)

    @property
    def varying(self) -> list[Column]:
        """Columns of more than one value that are not the label under another name."""
        return [
            column
            for column in self.columns
            if len(column.counts) > 1 and not _is_label(column, self.classes)
        ]

    @cached_property
    def originals(self) -> int:
        """Images, with altered copies of one counted once."""
        rows = zip(*(column.values for column in self.columns), strict=True)
        return len(set(zip(self.classes, rows, strict=False)))


def _is_label(column: Column, classes: Sequence[str]) -> bool:
    """Whether each value occurs in one class only, and each class has one value."""
    pairs = set(zip(column.values, classes, strict=True))
    return len(pairs) <= max(len(set(classes)), 2) and len({value for value, _ in pairs}) == len(
        pairs
    )


def names_of(paths: Sequence[str], labels: Sequence[str] | None = None) -> Names:
    """Take the paths of images apart.

    Args:
        paths: of files in their source, `/` between folders.
        labels: of the images; None: the outermost folder that may be one.
    """
    parts = [PurePosixPath(path).with_suffix("").parts for path in paths]
    taken = [[_taken_apart(name) for name in names] for names in parts]
    rows = list(_rekeyed([dict(_keyed(names)) for names in taken]))
    order: dict[Key, list[float]] = defaultdict(list)
    for row in rows:
        for at, key in enumerate(row):
            order[key].append(at)
    keys = sorted(order, key=lambda key: (key[0], sum(order[key]) / len(order[key])))
    columns = tuple(_column(key, rows) for key in keys)
    sequences = Counter(tuple(key for key in row if key[0] == STEM) for row in rows)
    return Names(
        tuple(names[-1][0] for names in taken),
        columns,
        tuple(labels) if labels is not None else tuple(map(_class, parts)),
        max(sequences.values(), default=0) >= MOST * len(rows),
    )


@lru_cache(maxsize=4096)  # folders come again and again
def _taken_apart(name: str) -> tuple[list[Token], list[Unit]]:
    tokens = tokens_of(name)
    return tokens, units_of(tokens)


def _class(parts: Sequence[str]) -> str:
    """The outermost folder whose name tells neither a side nor a number."""
    for name in parts[:-1]:
        if name.lower() not in SIDES and not any(letter.isdigit() for letter in name):
            return name
    return ""


def _keyed(names: Sequence[tuple[list[Token], list[Unit]]]) -> Iterator[tuple[Key, Unit]]:
    seen: Counter[tuple[int, str]] = Counter()
    for depth, (_, units) in enumerate(names):
        level = STEM if depth == len(names) - 1 else depth
        for unit in units:
            prefix = unit.prefix or (unit.kind if unit.kind in ("word", "date") else "")
            yield (level, prefix, seen[level, prefix]), unit
            seen[level, prefix] += 1


def _rekeyed(rows: Sequence[dict[Key, Unit]]) -> Iterator[dict[Key, Unit]]:
    """Where the letters before a number differ they belong to the value: AB12, CD7."""
    counts = Counter(key for row in rows for key in row)
    fixed = {key for key, count in counts.items() if count >= MOST * len(rows)}
    for row in rows:
        renewed: dict[Key, Unit] = {}
        seen: Counter[int] = Counter()
        for key, unit in row.items():
            if unit.prefix and unit.prefix not in KNOWN and key not in fixed:
                whole = unit._replace(
                    prefix="", spelling="", value=unit.spelling + unit.value, kind="chunk"
                )
                key, unit = (key[0], "", 0), whole
            if key[1] == "":
                key = (key[0], "", seen[key[0]])
                seen[key[0]] += 1
            renewed[key] = unit
        yield renewed


def _column(key: Key, rows: Iterable[dict[Key, Unit]]) -> Column:
    units = tuple(row.get(key) for row in rows)
    kinds = Counter(unit.kind for unit in units if unit)
    level, prefix, nth = key
    return Column(
        level, "" if prefix in ("word", "date") else prefix, nth, kinds.most_common(1)[0][0], units
    )
