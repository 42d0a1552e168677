"""When drift should lead to a retraining."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

VERDICT, RETRAINING = "verdict", "retraining"
JUDGED = ("drift", "stable")  # a window that could not be judged tells nothing


@dataclass(frozen=True)
class Decision:
    """Yes or no, and why in one sentence; as a truth value it is `yes`."""

    yes: bool
    reason: str

    def __bool__(self) -> bool:
        """Whether to do it."""
        return self.yes


def should_retrain(
    history: Sequence[Mapping[str, str]], now: datetime, cooldown: timedelta
) -> Decision:
    """Retrain when the latest verdict is drift and no retraining started within the cooldown.

    Windows that could not be judged (invalid, empty or too small) count neither way: they neither
    ask for a retraining nor take back an earlier drift.

    Args:
        history: what happened, in any order: {"event": "verdict", "at", "verdict"} and
            {"event": "retraining", "at"}; `at` is an ISO 8601 time with its offset from UTC.
        now: with a time zone.
        cooldown: from the start of one retraining to the earliest start of the next.
    """
    verdicts = [
        event for event in history if event["event"] == VERDICT and event["verdict"] in JUDGED
    ]
    if not verdicts:
        return Decision(False, "no window has been judged yet")
    latest = max(verdicts, key=_time)["verdict"]
    if latest != "drift":
        return Decision(False, f"the latest verdict is {latest}")
    started = [_time(event) for event in history if event["event"] == RETRAINING]
    if started and now - max(started) < cooldown:
        until = max(started) + cooldown
        return Decision(
            False,
            f"the latest verdict is drift, but a retraining started at {max(started):%F %H:%M %Z}; "
            f"the next may start at {until:%F %H:%M %Z}",
        )
    return Decision(True, "the latest verdict is drift and no retraining started recently")


def _time(event: Mapping[str, str]) -> datetime:
    return datetime.fromisoformat(event["at"])
