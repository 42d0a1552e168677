"""The space that an exploration left, in tables."""

from smearflow.records.analysis.narrowing import Narrowing
from smearflow.records.search.dimensions import Choice, Dimension
from smearflow.report.elements import Table
from smearflow.report.exploration.evidence import phrase
from smearflow.report.text import between, readable, setting


def space_tables(narrowing: Narrowing) -> list[Table]:
    """What is left for the search, and what is no longer searched, with the evidence."""
    searched = [
        (readable(name), _values(each), phrase(each.evidence))
        for name, each in sorted(narrowing.parameters.items())
    ]
    dropped = [
        (readable(name), setting(each.value), phrase(each.evidence))
        for name, each in sorted(narrowing.dropped.items())
    ]
    columns = ("parameter", "range or choices", "evidence")
    tables = [Table("The space left for the search", columns, searched, columns)]
    if dropped:
        columns = ("parameter", "held at", "evidence")
        tables.append(Table("No longer searched", columns, dropped, columns))
    return tables


def _values(values: Dimension) -> str:
    if isinstance(values, Choice):
        return ", ".join(map(setting, values.values))
    scale = ", on a logarithmic scale" if values.sampling == "log" else ""
    return f"{between((values.low, values.high))}{scale}"
