"""The space that an exploration left, in tables."""

from typing import Any

from smearflow.analysis.narrowing import Narrowing
from smearflow.report.elements import Table
from smearflow.report.exploration.evidence import phrase
from smearflow.report.text import between, readable, setting


def space_tables(narrowing: Narrowing) -> list[Table]:
    """What is left for the search, and what is no longer searched, with the evidence."""
    searched = [
        (readable(name), _range(entry), phrase(entry["evidence"]))
        for name, entry in sorted(narrowing["parameters"].items())
    ]
    dropped = [
        (readable(name), setting(entry["value"]), phrase(entry["evidence"]))
        for name, entry in sorted(narrowing["dropped"].items())
    ]
    columns = ("parameter", "range or choices", "evidence")
    tables = [Table("The space left for the search", columns, searched, columns)]
    if dropped:
        columns = ("parameter", "held at", "evidence")
        tables.append(Table("No longer searched", columns, dropped, columns))
    return tables


def _range(entry: dict[str, Any]) -> str:
    if entry["kind"] == "choice":
        return ", ".join(map(setting, entry["values"]))
    scale = ", on a logarithmic scale" if entry["sampling"] == "log" else ""
    return f"{between((entry['low'], entry['high']))}{scale}"
