"""What happened to a model in use: verdicts on windows, retrainings; registry/<profile>/."""

from datetime import datetime
from pathlib import Path
from typing import Any

from smearflow.files import append_json_line, read_json_lines


def note(project: Path, profile: str, event: str, when: datetime, **details: Any) -> None:
    """Append an event with JSON details."""
    append_json_line(_file(project, profile), details | {"event": event, "at": when.isoformat()})


def read(project: Path, profile: str) -> list[dict[str, Any]]:
    """All events, oldest first."""
    return read_json_lines(_file(project, profile))


def _file(project: Path, profile: str) -> Path:
    return project / "registry" / profile / "verdicts.jsonl"
