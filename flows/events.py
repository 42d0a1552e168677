"""What happened, told to the Prefect server: it starts a retraining, and the UI shows it.

An event is a file in `.prefect/outbox/` until a server has taken it. One that can't be sent, as no
server runs or it fails, is sent by the next command that reaches one.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
from pydantic import JsonValue

from smearflow.ground.errors import first_line
from smearflow.ground.files import write_json

DRIFT_EVENT = "smearflow.drift"
READY_EVENT = "smearflow.feedback.ready"  # enough labels came back
_OUTBOX = Path(".prefect/outbox")
_SECONDS = 20.0


def event_resource(profile: str) -> str:
    """The Prefect resource that events about a profile's champion concern."""
    return f"smearflow.champion.{profile}"


def raise_event(project: Path, name: str, profile: str, payload: Mapping[str, JsonValue]) -> None:
    """Put an event into the outbox, durably."""
    number, now = str(uuid4()), datetime.now(UTC)
    folder = project / _OUTBOX
    folder.mkdir(parents=True, exist_ok=True)
    event = {
        "id": number,
        "occurred": now.isoformat(),
        "event": name,
        "resource": {"prefect.resource.id": event_resource(profile)},
        "payload": dict(payload),
    }
    write_json(folder / f"{now:%Y%m%dT%H%M%S%f}-{number}.json", event)


def deliver(project: Path, url: str | None) -> int:
    """Send what is in the outbox, the oldest first; what a server has taken is no longer there.

    Args:
        url: of the project's server; None: none runs.

    Returns:
        How many events still wait.
    """
    waiting = sorted((project / _OUTBOX).glob("*.json"))
    why = "no Prefect server of this project runs now"
    # requests to this machine never take the detour over a proxy
    with httpx.Client(timeout=_SECONDS, trust_env=False) as client:
        while waiting and url:
            try:
                event = json.loads(waiting[0].read_text())
                client.post(f"{url}/api/events", json=[event]).raise_for_status()
            except httpx.HTTPError as error:
                why = first_line(error)
                break
            waiting.pop(0).unlink()
    if waiting:
        print(
            f"events that wait to be sent: {len(waiting)}, as {why}; the next command with a "
            "server sends them, and make schedule answers them",
            flush=True,
        )
    return len(waiting)
