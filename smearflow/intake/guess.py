"""A pattern for the patients of a source, guessed from the names of its images.

Guessed from the names, confirmed by the counts. What reads as a patient may be a photograph, and
figures of cells that were split by photograph are too good: where several readings are possible,
nothing is guessed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from smearflow.cells.naming import NIH_PATTERN, Name, parse_name
from smearflow.intake.name_columns import MOST, Column, Names, names_of
from smearflow.intake.name_evidence import (
    before,
    counts_up,
    is_part_of,
    is_wide,
    left_of,
    of_machine,
    rest_of,
    sizes_differ,
    starts_again,
)
from smearflow.intake.name_patterns import patterns
from smearflow.intake.name_words import CELL, NOBODY, PERHAPS, PHOTOGRAPH, PLACES, TELLING

LEAST_MEAN = 3  # images a patient has on average; of words that say so less
LEAST_MEAN_TOLD = 2
COUNTER = 0.9  # share of the groups that a counter fills from the start
_CASE_OR_CELL = "c"
_SKIPPED = PLACES | {"fold", "set", "split", "part", "v", "ver", "version"}  # left of a patient


@dataclass(frozen=True)
class Guess:
    """A pattern for patients, and what it finds.

    Attributes:
        pattern: as in `naming.parse_name`.
        first: the patient of the first image that has one.
        patients: how many it finds.
        least: cells of a patient.
        mean: likewise.
        most: likewise.
        nameless: images in which it finds none; at most 1 of 100.
    """

    pattern: str
    first: str
    patients: int
    least: int
    mean: float
    most: int
    nameless: int


def guess_pattern(paths: Sequence[str], labels: Sequence[str] | None = None) -> Guess | None:
    """Guess how the names of images tell patients.

    Args:
        paths: of the files in their source, `/` between folders.
        labels: of the images; None: the outermost folder that may be one.

    Returns:
        None where nothing tells patients, or not for sure.
    """
    if not all(PurePosixPath(path).name for path in paths) or not paths:
        return None
    found = [parse_name(path) for path in paths]
    fields = sum(name.field is not None for name in found)
    if fields >= MOST * len(paths) and len({name.patient for name in found}) > 1:
        return _told(NIH_PATTERN, found)
    names = names_of(paths, labels)
    column = _patient_column(names)
    if column is None:
        return None
    for pattern in patterns(names, column):
        found = [parse_name(path, pattern) for path in paths]
        if _same(found, column):
            return _told(pattern, found)
    return None


def _same(found: Sequence[Name], column: Column) -> bool:
    """Whether a pattern finds each patient of a column, and nobody else."""
    pairs = Counter((name.patient, value) for name, value in zip(found, column.values, strict=True))
    patients = {patient for patient, _ in pairs if patient is not None}
    return (
        all((patient is None) == (value is None) for patient, value in pairs)
        and len(patients) == len(column.counts)
        and len([pair for pair in pairs if pair[0] is not None]) == len(patients)
    )


def _told(pattern: str, found: Sequence[Name]) -> Guess:
    counts = Counter(name.patient for name in found if name.patient is not None)
    return Guess(
        pattern,
        next(iter(counts)),
        len(counts),
        min(counts.values()),
        counts.total() / len(counts),
        max(counts.values()),
        len(found) - counts.total(),
    )


def _patient_column(names: Names) -> Column | None:
    """Where the patients stand; None where that is not sure."""
    told = [column for column in names.columns if column.prefix in TELLING and column.is_id]
    if told:
        column = min(told, key=lambda each: TELLING[each.prefix])
        believed = column in names.varying and not _numbered_anew(names, column)
        least = LEAST_MEAN_TOLD
    else:
        coarse = _coarsest(names)
        if coarse is None:
            return None
        column, least = coarse, LEAST_MEAN
        believed = _is_patient(names, column) and not _numbered_anew(names, column)
    return column if believed and _counts_fit(names, column, least) else None


def _coarsest(names: Names) -> Column | None:
    """The leftmost column that varies; None behind an id that all share."""
    for column in names.columns:
        if column.kind in ("word", "date") or column.prefix in _SKIPPED:
            continue
        if len(column.counts) == 1 and column.prefix not in NOBODY and not _is_year(column):
            return None  # all are of one patient, as far as anybody knows
        if column in names.varying:
            return column
    return None


def _is_year(column: Column) -> bool:
    numbers = column.numbers
    return numbers is not None and 1900 <= numbers[0] <= 2100


def _counts_fit(names: Names, column: Column, least: float) -> bool:
    """Whether nearly all images have a patient, and patients several images that are no copies."""
    tails: dict[str, set[str]] = {}
    for unit, value in zip(column.units, column.values, strict=True):
        if unit is not None and value is not None:
            tails.setdefault(value, set()).add(unit.tail)
    return (
        column.coverage >= MOST
        and column.nth == 0
        and names.originals >= least * len(column.counts)
        and all(len(found) == 1 for found in tails.values())  # 7a and 7b: one patient or two?
    )


def _numbered_anew(names: Names, column: Column) -> bool:
    """Whether each place, day or folder has its own patient 1."""
    places = [
        other
        for other in names.varying
        if other is not column
        and (
            other.prefix in PLACES
            or other.kind == "date"
            or (other in before(names, column) and _may_be_place(other))
        )
    ]
    return starts_again(column, places)


def _may_be_place(column: Column) -> bool:
    return column.prefix not in TELLING and column.prefix not in NOBODY - PLACES


def _is_patient(names: Names, column: Column) -> bool:
    """Whether the leftmost column is of patients, though no word says so."""
    finer = [
        other
        for other in names.varying
        if other not in (column, *before(names, column)) and (other.is_id or other.kind == "date")
    ]
    if column.prefix in NOBODY or not finer or of_machine(column):
        return False
    if column.prefix == _CASE_OR_CELL and not _has_photographs(column, finer):
        return False
    said = any(other.prefix in PHOTOGRAPH | CELL or other.kind == "date" for other in finer)
    if column.prefix in PERHAPS:
        return said or not _is_counter(names, column)
    levels = len(finer)
    if column.kind in ("uuid", "hash"):
        return levels > 1  # with one below, it is as well the name of a photograph
    if is_wide(column):
        return not _is_counter(names, column)
    if column.prefix and said:
        return levels > 1 and not _is_counter(names, column)
    return levels > 1 and _in_order(names, column, finer)


def _has_photographs(column: Column, finer: Sequence[Column]) -> bool:
    """Whether a finer column tells photographs, each of one value, with several cells."""
    return any(
        is_part_of(other, column) and other.counts.total() >= LEAST_MEAN * len(other.counts)
        for other in finer
    )


def _is_counter(names: Names, column: Column) -> bool:
    share = counts_up(column.values, rest_of(names, column))
    return share is not None and share >= COUNTER


def _in_order(names: Names, column: Column, finer: Sequence[Column]) -> bool:
    """Whether plain numbers show that they go from coarse to fine: only the right ones count."""
    share = counts_up(column.values, rest_of(names, column))
    if share is not None and share >= COUNTER / 2:
        return False
    for other in finer:
        left = left_of(names, other)
        counted = counts_up(other.values, left)
        if counted is None or counted < COUNTER or not sizes_differ(other.values, left):
            return False
    return True
