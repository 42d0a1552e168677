"""Who asks for a retraining, now: drift, or labels that came back."""

from datetime import UTC, datetime
from pathlib import Path

from flows import history
from flows.decisions import open_registry
from flows.settings import settings_file
from smearflow.params.whole import load_params
from smearflow.release.policy import Asker, Decision, should_retrain


def may_retrain(project: Path, profile: str, asker: Asker) -> Decision:
    """Whether nothing speaks against a retraining that drift or labels ask for."""
    rules = load_params(settings_file(project, profile)).retrain
    events = history.read(open_registry(project), profile)
    return should_retrain(events, datetime.now(UTC), rules, asker)
