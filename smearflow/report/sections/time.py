"""Seconds per stage."""

from pathlib import Path

from smearflow.report.elements import Section, Table
from smearflow.report.results import read_json
from smearflow.report.text import number

STAGES = (
    "ingest",
    "validate",
    "split",
    "explore",
    "analyse",
    "tune",
    "train",
    "export",
    "evaluate",
    "baseline",
    "monitor",
)


def time_section(root: Path) -> Section | None:
    """Seconds each stage took when it last ran."""
    found = {stage: read_json(root, f"reports/{stage}/seconds.json") for stage in STAGES}
    seconds = {stage: each["seconds"] for stage, each in found.items() if each}
    if not seconds:
        return None
    rows = [(stage, number(value, 1)) for stage, value in seconds.items()]
    rows.append(("together", number(float(sum(seconds.values())), 1)))
    table = Table(
        "Seconds per stage, when it last ran", ("stage", "seconds"), rows, ("stage",), aside=True
    )
    return Section("time", "Time", [], [table])
