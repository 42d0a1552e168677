"""Regular expressions for a column of names, the richest first."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from smearflow.intake.name_columns import MOST, STEM, Column, Names
from smearflow.intake.name_words import CELL, PHOTOGRAPH
from smearflow.intake.tokens import Token, Unit

# Whatever a shell would take for its own ($, !) is avoided: patterns are typed in SET="..." too.
_PIECES = {
    "uuid": r"[0-9a-fA-F-]{36}",
    "date": r"\d[\d_T.: -]*\d",
    "size": r"\d+[xX]\d*",
    "hash": r"[0-9a-fA-F]+",
    "word": r"[^\W\d_]+",
    "number": r"\d+",
    "gap": r"[\W_]+",
    "chunk": r"[^\W\d_]+\d+",
}
_NO_LETTER = r"(?:^|[\W\d_])"
_SPECIAL = re.compile(r"[.^$*+?{}\[\]\\|()]")


def patterns(names: Names, column: Column) -> Iterator[str]:
    """Patterns as in `naming.parse_name` for the patients of a column.

    They are to be tried: names that are not all alike may not fit.
    """
    if column.level != STEM:
        if column.prefix:
            yield _told(column)
        yield "^" + "[^/]+/" * column.level + "(?P<patient>[^/]+)/"
        return
    patient, field = _patient(column), _field(names, column)
    for left in _lefts(names, column):
        if field is not None and (middle := _between(names, column, field)) is not None:
            yield f"{left}(?P<field>{patient}{middle}{_value(field)})"
        yield left + patient


def _told(column: Column) -> str:
    return _start(column) + _patient(column)


def _patient(column: Column) -> str:
    """The id, with its word where that is spelled alike everywhere."""
    spellings = Counter(unit.spelling for unit in column.units if unit)
    written = {unit.value for unit in column.units if unit}
    value = _PIECES[column.kind]
    if column.kind == "number" and len(written) > len(column.counts):  # 1 and 01 are one
        value = r"0*(?P<patient>\d+)"
    elif len(spellings) == 1:
        return f"(?P<patient>{_literal(next(iter(spellings)))}{value})"
    else:
        value = f"(?P<patient>{value})"
    return _spelled(spellings) + value


def _spelled(spellings: Counter[str]) -> str:
    """A word and what follows it, in all spellings that occur."""
    if len(spellings) == 1:
        return _literal(next(iter(spellings)))
    return f"(?:{'|'.join(_literal(each) for each in sorted(spellings, key=len, reverse=True))})"


def _literal(text: str) -> str:
    """As `re.escape`, with fewer backslashes."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _start(column: Column) -> str:
    starts = {unit.start for unit in column.units if unit}
    return "^" if starts == {0} else _NO_LETTER


def _lefts(names: Names, column: Column) -> Iterator[str]:
    """What stands before the id: all of it with a date, all of it, or nothing but its border."""
    left = [
        (tokens[: unit.start] if unit else None)
        for tokens, unit in zip(names.tokens, column.units, strict=True)
    ]
    whole = _generalised([each for each in left if each is not None])
    if whole:
        dates = [piece for piece in whole if piece == _PIECES["date"]]
        if len(dates) == 1:
            yield "^" + "".join(
                f"(?P<time>{piece})" if piece == dates[0] else piece for piece in whole
            )
    if column.prefix:
        yield _start(column)
    elif whole is not None:
        yield "^" + "".join(whole)


def _generalised(texts: Sequence[Sequence[Token]]) -> list[str] | None:
    """A regular expression for each of the tokens that nearly all texts have; None: they differ."""
    shapes = Counter(tuple(token.kind for token in text) for text in texts)
    shape, count = shapes.most_common(1)[0]
    if count < MOST * len(texts):
        return None
    alike = [text for text in texts if tuple(token.kind for token in text) == shape]
    found = []
    for at, kind in enumerate(shape):
        written = {text[at].text for text in alike}
        literal = len(written) == 1 and kind in ("word", "gap")
        found.append(_literal(written.pop()) if literal else _PIECES[kind])
    return found


def _field(names: Names, column: Column) -> Column | None:
    """The photograph, where a number behind the patient tells it and cells have their own."""
    later = list(names.columns[names.columns.index(column) + 1 :])
    several = [each for each in later if each.level == STEM and each.coverage >= MOST]
    numbers = [each for each in several if each in names.varying and each.is_id]
    if told := [each for each in numbers if each.prefix in PHOTOGRAPH]:
        return told[0]
    if len(numbers) == 2 and numbers[1].prefix in CELL and numbers[0].prefix not in CELL:
        return numbers[0]
    return None


def _between(names: Names, column: Column, field: Column) -> str | None:
    """What stands between patient and photograph, up to the value of the latter."""
    texts = []
    for tokens, first, second in zip(names.tokens, column.units, field.units, strict=True):
        if first and second:
            texts.append(tokens[_end(first, tokens) : second.start])
    pieces = _generalised(texts) if texts else None
    return None if pieces is None else "".join(pieces)


def _end(unit: Unit, tokens: Sequence[Token]) -> int:
    """Index of the token after a value; of what a letter ends, the letter is next."""
    length, at = len(unit.spelling) + len(unit.value), unit.start
    while length > 0:
        length -= len(tokens[at].text)
        at += 1
    return at


def _value(column: Column) -> str:
    """The value of a photograph with its word."""
    spellings = Counter(unit.spelling for unit in column.units if unit)
    return _spelled(spellings) + _PIECES[column.kind]
