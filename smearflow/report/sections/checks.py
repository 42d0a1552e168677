"""What the expectations on the images found: what is wrong first, what holds folded away."""

from collections.abc import Sequence
from pathlib import Path

from smearflow.records.validation import NotedFinding, Validation
from smearflow.report.elements import Link, Section, Table
from smearflow.report.results import read_json
from smearflow.report.text import number

_SUITE = ("expectations", "manifest.json")
_IF_NOT = {"critical": "the run stops", "warning": "it is told"}


def checks_section(root: Path) -> Section | None:
    """What to trust: checks that fail, and what is known to be true of the images."""
    results = Validation.read_if_there(root)
    if results is None:
        return None
    failing = [found for found in results.expectations if not found.success]
    holding = [found for found in results.expectations if found.success]
    tables = [_failing(failing)] if failing else []
    if holding:
        tables.append(_holding(holding, what_holds(root)))
    link = Link("Pictures of the files that fail:", "the gate", "../validate/index.html")
    links = [link] if failing or results.quarantined else []
    return Section("checks", "What to trust", _checked(results), tables, links=links)


def what_holds(root: Path) -> dict[str, str]:
    """What the suite calls true where an expectation holds, by what is wrong where it fails."""
    suite = read_json(root, *_SUITE) or {"expectations": []}
    metas = [each.get("meta", {}) for each in suite["expectations"]]
    return {meta["why"]: meta["holds"] for meta in metas if {"why", "holds"} <= meta.keys()}


def _failing(failing: Sequence[NotedFinding]) -> Table:
    rows = [
        (
            found.severity,
            found.why or _expectation(found),
            number(found.failing_count),
            ", ".join(found.failing[:3]),
            _expectation(found),
        )
        for found in sorted(failing, key=lambda found: found.severity)  # critical ones first
    ]
    columns = ("severity", "what is wrong", "images", "for example", "expectation")
    left = tuple(name for name in columns if name != "images")
    return Table("Checks that fail", columns, rows, left)


def _holding(holding: Sequence[NotedFinding], words: dict[str, str]) -> Table:
    """A row per statement: several expectations may check one."""
    rows: dict[tuple[str, str], list[str]] = {}
    for found in holding:
        unsaid = f"Not so: {found.why}" if found.why else "As expected."
        statement = words.get(found.why or "", unsaid)
        rows.setdefault((statement, _IF_NOT[found.severity]), []).append(_expectation(found))
    columns = ("what holds", "if it did not", "expectation")
    texts = [(*key, ", ".join(expectations)) for key, expectations in rows.items()]
    return Table(f"What {len(holding)} checks found to hold", columns, texts, columns, aside=True)


def _expectation(found: NotedFinding) -> str:
    return f"{found.expectation} {found.column or ''}".strip()


def _checked(results: Validation) -> list[str]:
    statistics = results.statistics
    failed = statistics.failed_critical + statistics.failed_warning
    sentences = [
        f"All {statistics.evaluated} checks of the images hold: nothing is known against them."
        if not failed
        else f"{failed} of {statistics.evaluated} checks of the images fail, "
        f"{statistics.failed_critical or 'none'} of them critical."
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
