"""The parts of a name: words, numbers, dates, and which word a number belongs to."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from smearflow.intake.name_words import ALTERED, KNOWN, NOBODY, SIDES, TELLING

_DAY = r"(?:0[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0[1-9]|1[0-2])"
_YEAR = r"(?:19|20)\d\d"
_CLOCK = r"(?:[-_T .]?(?:[01]\d|2[0-3])[-_.:]?[0-5]\d[-_.:]?[0-5]\d(?:\d{3})?(?!\d))"
_TOKEN = re.compile(
    rf"""
    (?P<uuid>[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}})
    | (?P<date>(?<!\d)(?:{_YEAR}(?P<gap1>[-_.]?){_MONTH}(?P=gap1){_DAY}
               | {_DAY}(?P<gap2>[-_.]){_MONTH}(?P=gap2){_YEAR}){_CLOCK}?(?!\d))
    | (?P<size>(?<![^\W_])\d+[xX]\d*(?![^\W_]))
    | (?P<hash>(?<![^\W_])(?=\d*[a-fA-F]+\d+[a-fA-F]|[a-fA-F]*\d+[a-fA-F]+\d)
               [0-9a-fA-F]{{12,}}(?![^\W_]))
    | (?P<word>[^\W\d_]+)
    | (?P<number>\d+)
    | (?P<gap>[\W_]+)
    """,
    re.VERBOSE,
)
_JOINTS = frozenset("-_ .#=")


class Token(NamedTuple):
    """A part of a name: uuid, date, size, hash, word, number or gap."""

    kind: str
    text: str


class Unit(NamedTuple):
    """A value in a name, with the word that says of what.

    Attributes:
        prefix: that word in lower case; empty where none is there.
        spelling: as it is written, with what stands between it and the value.
        value: never empty.
        kind: of the token; `word` for a word without a value, `chunk` for letters and digits.
        start: index of the first token.
        tail: a single letter that ends the value, as of `12a`, which is no part of it.
    """

    prefix: str
    spelling: str
    value: str
    kind: str
    start: int
    tail: str = ""


def tokens_of(text: str) -> list[Token]:
    """All of a text, in order."""
    return [Token(match.lastgroup or "gap", match.group()) for match in _TOKEN.finditer(text)]


def units_of(tokens: Sequence[Token]) -> list[Unit]:
    """The values of a name in order; sizes, and marks of altered copies, are left out."""
    found: list[Unit] = []
    at = 0
    while at < len(tokens):
        unit, at = _unit(tokens, at)
        if unit is not None and not _is_idle(unit):
            found.append(unit)
    return found


def _is_idle(unit: Unit) -> bool:
    word = unit.prefix or (unit.value.lower() if unit.kind == "word" else "")
    return unit.kind == "size" or word in ALTERED or (not unit.prefix and word in SIDES)


def _unit(tokens: Sequence[Token], at: int) -> tuple[Unit | None, int]:
    """The value that begins at a token, and where the next may begin."""
    token = tokens[at]
    if token.kind == "gap":
        return None, at + 1
    if token.kind != "word":
        tail = _tail(tokens, at + 1)
        return Unit("", "", token.text, token.kind, at, tail), at + 1 + bool(tail)
    word, value, gap = token.text.lower(), at + 1, ""
    if value < len(tokens) and tokens[value].kind == "gap" and word in KNOWN:
        gap, value = tokens[value].text, value + 1
    if (gap and gap not in _JOINTS) or value >= len(tokens):
        return Unit("", "", token.text, "word", at), at + 1
    spelling, first = token.text + gap, tokens[value]
    if gap and word in TELLING and (chunk := _chunk(tokens, value)):
        return Unit(word, spelling, chunk, "chunk", at), value + 2
    if first.kind in ("number", "uuid", "hash"):
        tail = _tail(tokens, value + 1)
        unit = Unit(word, spelling, first.text, first.kind, at, tail)
        return unit, value + 1 + bool(tail)
    return Unit("", "", token.text, "word", at), at + 1


def _chunk(tokens: Sequence[Token], at: int) -> str:
    """Letters and digits that are one value, as `AB12`; empty where there are none."""
    pair = tokens[at : at + 2]
    if [token.kind for token in pair] != ["word", "number"] or pair[0].text.lower() in NOBODY:
        return ""
    return pair[0].text + pair[1].text


def _tail(tokens: Sequence[Token], at: int) -> str:
    """A single letter that ends a run of letters and digits."""
    if at < len(tokens) and tokens[at].kind == "word" and len(tokens[at].text) == 1:
        ends = at + 1 == len(tokens) or tokens[at + 1].kind == "gap"
        return tokens[at].text if ends else ""
    return ""
