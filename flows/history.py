"""What happened to a model in use: verdicts on windows, retrainings; registry/<profile>/."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any


def note(project: Path, profile: str, event: str, when: datetime, **details: Any) -> None:
    """Append an event with JSON details; one write, so that events never mix."""
    file = _file(project, profile)
    file.parent.mkdir(parents=True, exist_ok=True)
    record = details | {"event": event, "at": when.isoformat()}
    with file.open("a") as stream:
        stream.write(json.dumps(record, sort_keys=True) + "\n")


def read(project: Path, profile: str) -> list[dict[str, Any]]:
    """All events, oldest first; what a kill left of the last line is not read."""
    file = _file(project, profile)
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text().split("\n")[:-1]]


def _file(project: Path, profile: str) -> Path:
    return project / "registry" / profile / "verdicts.jsonl"
