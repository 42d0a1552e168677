"""What the numbers in names are, by how they are spread: counters start again, people do not."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence

from smearflow.intake.name_columns import Column, Names

_WELL = re.compile(r"[a-p](?:0?[1-9]|1\d|2[0-4])")
# Olympus and Panasonic: month, day, counter, as P1010001 and PA171697
_CAMERA = re.compile(r"(?:p[1-9]|p?[abc])(?:0[1-9]|[12]\d|3[01])\d{4}")
_APART = 3.0  # numbers that lie so much wider than they are many do not count anything


def counts_up(values: Sequence[str | None], rest: Iterable[Hashable]) -> float | None:
    """How far a column is a counter that starts again with each set of the other values.

    Returns:
        Share, of the groups of equal `rest` that hold several values, of those that hold all
        numbers from 0 or 1 on; None where no group holds several.
    """
    groups: dict[Hashable, set[str]] = defaultdict(set)
    for value, key in zip(values, rest, strict=True):
        if value is not None:
            groups[key].add(value)
    several = [group for group in groups.values() if len(group) > 1]
    return sum(map(_from_start, several)) / len(several) if several else None


def _from_start(values: set[str]) -> bool:
    if not all(value.isdecimal() for value in values):
        return False
    numbers = sorted(map(int, values))
    return numbers[0] <= 1 and numbers[-1] - numbers[0] == len(numbers) - 1


def sizes_differ(values: Sequence[str | None], rest: Iterable[Hashable]) -> bool:
    """Whether the groups of equal `rest` hold different numbers of values."""
    groups: dict[Hashable, set[str | None]] = defaultdict(set)
    for value, key in zip(values, rest, strict=True):
        groups[key].add(value)
    return len({len(group) for group in groups.values()}) > 1


def starts_again(column: Column, others: Iterable[Column]) -> bool:
    """Whether numbers are given anew in each place or on each day: then P1 is several people."""
    for other in others:
        groups: dict[str, set[str]] = defaultdict(set)
        for value, place in zip(column.values, _places(other), strict=True):
            if value is not None and place is not None:
                groups[place].add(value)
        shared = sum(len(group) for group in groups.values()) > len(column.counts)
        from_start = sum(map(_from_start, groups.values()))
        if shared and 2 * from_start >= len(groups) > 1:
            return True
    return False


def _places(column: Column) -> Sequence[str | None]:
    """Where or on which day; the time of day is of one photograph, and numbers nobody anew."""
    if column.kind != "date":
        return column.values
    return [value and re.sub(r"\D", "", value)[:8] for value in column.values]


def is_part_of(column: Column, whole: Column) -> bool:
    """Whether each value of a column goes with one of another, and most of those have several."""
    pairs = {
        (value, other)
        for value, other in zip(column.values, whole.values, strict=True)
        if value is not None
    }
    return len(pairs) == len(column.counts) > len(whole.counts)


def is_wide(column: Column) -> bool:
    """Whether the values are ids rather than the numbers of a counter."""
    numbers = column.numbers
    if numbers is None:
        return True
    width = numbers[-1] - numbers[0] + 1
    return numbers[0] >= 1000 and width > _APART * len(numbers)


def of_machine(column: Column) -> bool:
    """Whether the values are a camera's numbers of photographs, or wells of a plate."""
    letters = column.prefix if column.kind == "number" else ""
    spelled = {f"{letters}{unit.value.lower()}" for unit in column.units if unit}
    rows = {each[0] for each in spelled}
    wells = len(rows) > 1 and all(map(_WELL.fullmatch, spelled))
    return wells or all(map(_CAMERA.fullmatch, spelled))


def rest_of(names: Names, column: Column) -> list[Hashable]:
    """Per image all other values that may number something."""
    others = [
        other.values
        for other in names.varying
        if other is not column and (other.is_id or other.kind == "date")
    ]
    return list(zip(*others, strict=True)) if others else [()] * len(names)


def before(names: Names, column: Column) -> list[Column]:
    """The columns that stand before one, outer folders first."""
    return list(names.columns[: names.columns.index(column)])


def left_of(names: Names, column: Column) -> list[Hashable]:
    """Per image the values of varying columns that stand before one."""
    columns = [each.values for each in before(names, column) if each.is_id]
    return list(zip(*columns, strict=True)) if columns else [()] * len(names)
