"""What happened to a model in use: verdicts on windows, retrainings; in the registry."""

from datetime import datetime
from typing import Any

from smearflow.ground.files import append_json_line, read_json_lines
from smearflow.release.registry import Registry

FILE = "verdicts.jsonl"


def note(registry: Registry, profile: str, event: str, when: datetime, **details: Any) -> None:
    """Append an event with JSON details, durably."""
    record = details | {"event": event, "at": when.isoformat()}
    append_json_line(registry.root / profile / FILE, record)


def read(registry: Registry, profile: str) -> list[dict[str, Any]]:
    """All events, oldest first."""
    return read_json_lines(registry.root / profile / FILE)
