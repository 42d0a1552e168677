"""What was understood of labelled cells, line by line: for the terminal, an artifact and a page."""

from collections.abc import Iterator, Mapping

from smearflow.intake.notices import left_out
from smearflow.records.sources import SourceFacts, Sources
from smearflow.report.elements import Section, Table
from smearflow.report.text import enumerate_words
from smearflow.report.units import Unit, unit_of
from smearflow.understanding.facts import Facts, Spread
from smearflow.understanding.whole import Understanding

Line = tuple[str, str]
"""What it is about, and what is known."""

_MOST = 6  # kinds that are named; the others are counted
_BY = {
    "column": "from a column of the table",
    "pattern": "by patient_pattern",
    "file names": "from the file names",
    "folder names": "from the folder names",
}


def understood_lines(found: Understanding, sources: Sources | None) -> list[Line]:
    """Every line, numbers first.

    Args:
        sources: how they were understood; None of a run that tells nothing of it.
    """
    if sources is None or len(found.sources) == 1:
        facts = sources.sources[0] if sources else None
        return list(_lines(found.whole, facts))
    return [
        (f"{each.name}: {what}", text)
        for each in sources.sources
        if each.name in found.sources
        for what, text in _lines(found.sources[each.name], each)
    ]


def understood_section(found: Understanding, sources: Sources | None) -> Section:
    """The same as a section of a page."""
    lines = understood_lines(found, sources)
    columns = ("what", "understood")
    table = Table("Line by line", columns, lines, columns, aside=False)
    return Section("understood", "What was understood", [], [table])


def _lines(facts: Facts, source: SourceFacts | None) -> Iterator[Line]:
    unit = unit_of([source.grouped_by] if source else [])
    if source:
        yield "layout", _layout(facts, source, unit)
    yield "classes", _classes(facts, source.labels if source else {})
    yield unit.many, _groups(facts)
    if source:
        yield "split by", _split_by(source, unit)
    yield "formats", _named({_format(name): count for name, count in facts.formats.items()})
    if facts.width and facts.height:
        yield "sizes", _sizes(facts.width, facts.height)
    yield "pixels", _named({_mode(*mode): count for mode, count in facts.modes.items()})
    if facts.damaged:
        yield "damaged", f"{facts.damaged:,} images can't be decoded"
    if source and source.left_out:
        yield "left out", "; ".join(left_out(source))
    if source and source.sides:
        names = enumerate_words(source.sides)
        yield "not followed", f"{names}: whoever made these sides may have split by cell"


def _layout(facts: Facts, source: SourceFacts, unit: Unit) -> str:
    folders = f"{source.folders:,} folder{'s' * (source.folders != 1)}"
    classes = sum(count > 0 for count in facts.classes.values())
    by = f" {_BY[source.patients_by]}" if source.patients_by else ""
    groups = f", {unit.count(facts.groups)}{by if unit == unit_of(['patient']) else ''}"
    named = f"{classes} class{'es' * (classes != 1)}"
    return f"{folders}, {named}{groups} ({source.layout})"


def _classes(facts: Facts, labels: Mapping[str, str]) -> str:
    """The positive class first, with the labels that were taken for it."""
    told = []
    for name, count in reversed(facts.classes.items()):
        spelled = sorted(label for label, meant in labels.items() if meant == name)
        other = f" (labelled {enumerate_words(spelled)})" if spelled not in ([], [name]) else ""
        told.append(f"{count:,} {name}{other}")
    return "; ".join(told)


def _groups(facts: Facts) -> str:
    if facts.per_group is None:
        return "none known"
    spread = facts.per_group
    nameless = f"; {facts.nameless:,} cells of none that is known" if facts.nameless else ""
    if spread.least == spread.most:
        cells = "1 cell" if spread.least == 1 else f"{spread.least:,.0f} cells"
        return f"{facts.groups:,}, with {cells} each{nameless}"
    return (
        f"{facts.groups:,}, with {spread.least:,.0f} to {spread.most:,.0f} cells each, "
        f"{spread.middle:,.0f} on average{nameless}"
    )


def _split_by(source: SourceFacts, unit: Unit) -> str:
    if source.grouped_by == "patient":
        return "patient: no patient is on two sides"
    return f"{unit.one}, as no patients are known: cells of one patient may be on two sides"


def _sizes(width: Spread, height: Spread) -> str:
    if width.least == width.most and height.least == height.most:
        return f"all {width.least:.0f} x {height.least:.0f} pixels"
    return (
        f"{width.least:.0f} to {width.most:.0f} pixels wide (half of them up to "
        f"{width.middle:.0f}), {height.least:.0f} to {height.most:.0f} high "
        f"({height.middle:.0f})"
    )


def _format(suffix: str) -> str:
    return suffix.upper() or "no suffix"


def _mode(mode: str, white: float) -> str:
    """`RGB of 8 bits`; of deeper samples the value that is white."""
    return f"{mode} of 8 bits" if white == 255 else f"{mode} up to {white:,.0f}"


def _named(counts: Mapping[str, int]) -> str:
    """`11,840 PNG, 12 JPG`; of one kind its name alone."""
    if len(counts) == 1:
        return f"all {next(iter(counts))}"
    items = list(counts.items())
    told = [f"{count:,} {name}" for name, count in items[:_MOST]]
    more = [f"{sum(count for _, count in items[_MOST:]):,} others"] if len(items) > _MOST else []
    return ", ".join([*told, *more]) or "none"
