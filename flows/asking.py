"""Asking for a retraining: by an event, and whether one may start now."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue

from flows import history
from flows.decisions import open_registry
from flows.events import deliver, raise_event
from flows.server import address
from flows.settings import settings_file
from smearflow.params.whole import load_params
from smearflow.release.policy import Asker, Decision, should_retrain


def may_retrain(project: Path, profile: str, asker: Asker) -> Decision:
    """Whether nothing speaks against a retraining that drift or labels ask for."""
    rules = load_params(settings_file(project, profile)).retrain
    events = history.read(open_registry(project), profile)
    return should_retrain(events, datetime.now(UTC), rules, asker)


def ask(project: Path, event: str, profile: str, payload: Mapping[str, JsonValue]) -> None:
    """Ask a service for a retraining by an event; where no server runs, it waits for one."""
    raise_event(project, event, profile, payload)
    deliver(project, address(project))
