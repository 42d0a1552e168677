"""What the expectations on the data found."""

from pathlib import Path

from smearflow.records.validation import Validation
from smearflow.report.elements import Link, Section, Table
from smearflow.report.text import number


def checks_section(root: Path) -> Section | None:
    """Every expectation, failures first."""
    results = Validation.read_if_there(root)
    if results is None:
        return None
    rows = [
        (
            "held" if found.success else "FAILED",
            found.severity,
            found.why or "",
            f"{found.expectation} {found.column or ''}".strip(),
            number(found.failing_count),
            ", ".join(found.failing[:3]),
        )
        for found in sorted(results.expectations, key=lambda found: found.success)
    ]
    columns = ("result", "severity", "what it is about", "expectation", "failing", "for example")
    left = tuple(name for name in columns if name != "failing")
    tables = [Table("Expectations", columns, rows, left)]
    link = Link("Pictures of the files that fail:", "the gate", "../validate/index.html")
    return Section("checks", "Checks", _checked(results), tables, links=[link])


def _checked(results: Validation) -> list[str]:
    statistics = results.statistics
    sentences = ["Every expectation holds."]
    if statistics.failed_warning:
        sentences = [
            f"{statistics.failed_warning} of {statistics.evaluated} expectations failed, "
            "none of them critical."
        ]
    if results.corrected:
        sentences.append(
            f"{results.corrected:,} images have another label in a source that corrects it, "
            "which counts; the old ones are listed in outputs/validate/quarantine.csv."
        )
    if results.quarantined:
        sentences.append(
            f"{results.quarantined:,} of {results.images:,} images were quarantined: they "
            "failed expectations, are listed in outputs/validate/quarantine.csv, and are part of "
            "nothing that follows."
        )
    return sentences
