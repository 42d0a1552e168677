"""What the expectations on the data found."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from smearflow.report.elements import Link, Section, Table
from smearflow.report.results import read_json
from smearflow.report.text import number


def checks_section(root: Path) -> Section | None:
    """Every expectation, failures first."""
    results = read_json(root, "outputs/validate/results.json")
    if results is None:
        return None
    expectations = sorted(results["expectations"], key=lambda row: row["success"])
    rows = [
        (
            "held" if row["success"] else "FAILED",
            row["severity"],
            row["why"] or "",
            f"{row['expectation']} {row['column'] or ''}".strip(),
            number(row["failing_count"]),
            ", ".join(row["failing"][:3]),
        )
        for row in expectations
    ]
    columns = ("result", "severity", "what it is about", "expectation", "failing", "for example")
    left = tuple(name for name in columns if name != "failing")
    tables = [Table("Expectations", columns, rows, left)]
    link = Link("Pictures of the files that fail:", "the gate", "../validate/index.html")
    return Section("checks", "Checks", _checked(results), tables, links=[link])


def _checked(results: Mapping[str, Any]) -> list[str]:
    statistics = results["statistics"]
    sentences = ["Every expectation holds."]
    if statistics["failed_warning"]:
        sentences = [
            f"{statistics['failed_warning']} of {statistics['evaluated']} expectations failed, "
            "none of them critical."
        ]
    if results["corrected"]:
        sentences.append(
            f"{results['corrected']:,} images have another label in a source that corrects it, "
            "which counts; the old ones are listed in outputs/validate/quarantine.csv."
        )
    if results["quarantined"]:
        sentences.append(
            f"{results['quarantined']:,} of {results['images']:,} images were quarantined: they "
            "failed expectations, are listed in outputs/validate/quarantine.csv, and are part of "
            "nothing that follows."
        )
    return sentences
