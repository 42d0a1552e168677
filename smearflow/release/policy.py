"""When a retraining should start."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from smearflow.params.retrain import Retrain

VERDICT, LABELS, RETRAINING, RETRAINED = "verdict", "labels", "retraining", "retrained"
JUDGED = ("drift", "stable")  # a window that could not be judged tells nothing
DECIDED = ("promoted", "rejected", "undecided")  # what can come of a challenger

Event = Mapping[str, Any]
Asker = Literal["drift", "labels", "person"]


@dataclass(frozen=True)
class Decision:
    """Yes or no, and why in one sentence; as a truth value it is `yes`."""

    yes: bool
    reason: str

    def __bool__(self) -> bool:
        """Whether to do it."""
        return self.yes


def should_retrain(
    history: Sequence[Event], now: datetime, rules: Retrain, asker: Asker = "drift"
) -> Decision:
    """Retrain when nothing speaks against it: the first thing that does is the reason.

    A person need not wait, and need not bring many labels; but nobody starts a second one beside
    one that runs. Windows that could not be judged (invalid, empty or too small) count neither
    way. Labels are new until a retraining that began after them has come to a decision; those of
    flagged batches ask for nothing.

    Args:
        history: what happened, in any order; `at` is an ISO 8601 time with its offset from UTC:
            {"event": "verdict", "at", "verdict", "asks"}, the last missing in those of earlier
            versions, where drift asks;
            {"event": "labels", "at", "labels": {class: count}, "groups": [...], "flagged"};
            {"event": "retraining", "at"}, its start;
            {"event": "retrained", "at", "answer"}, its end: one of DECIDED, or else it failed.
        now: with a time zone.
        asker: who or what asks for it.
    """
    events = sorted(history, key=_time)
    runs = _retrainings(events)
    if reason := _running(runs, now, timedelta(hours=rules.longest_hours)):
        return Decision(False, reason)
    if asker == "person":
        return Decision(True, "a person asks for it")
    objections = (
        _no_drift(events) if asker == "drift" else None,
        _rejected(runs, rules.most_rejected),  # before what passes by waiting
        _too_soon(runs, now, timedelta(hours=rules.cooldown_hours)),
        _too_often(runs, now, rules.most_a_week),
        _too_few(events, runs, rules),
    )
    reason = next((each for each in objections if each), None)
    return Decision(False, reason) if reason else Decision(True, f"{asker} asks for it")


class _Run(NamedTuple):
    """A retraining: when it started, and what came of it; None: nothing yet."""

    start: datetime
    answer: str | None


def _retrainings(events: Sequence[Event]) -> list[_Run]:
    """Oldest first; an end belongs to the last start before it."""
    runs: list[_Run] = []
    for event in events:
        if event["event"] == RETRAINING:
            runs.append(_Run(_time(event), None))
        elif event["event"] == RETRAINED and runs:
            runs[-1] = runs[-1]._replace(answer=event["answer"])
    return runs


def _running(runs: Sequence[_Run], now: datetime, longest: timedelta) -> str | None:
    if not runs or runs[-1].answer is not None or now - runs[-1].start >= longest:
        return None
    return f"one that started at {runs[-1].start:%F %H:%M %Z} still runs"


def _no_drift(events: Sequence[Event]) -> str | None:
    verdicts = [event for event in events if event["event"] == VERDICT]
    judged = [event for event in verdicts if event["verdict"] in JUDGED]
    if not judged:
        return "no window has been judged yet"
    verdict = judged[-1]["verdict"]
    if judged[-1].get("asks", verdict == "drift"):
        return None
    return f"the latest verdict is {verdict}{', which asks for none' * (verdict == 'drift')}"


def _too_soon(runs: Sequence[_Run], now: datetime, cooldown: timedelta) -> str | None:
    if not runs or now - runs[-1].start >= cooldown:
        return None
    return (
        f"a retraining started at {runs[-1].start:%F %H:%M %Z}; the next may start at "
        f"{runs[-1].start + cooldown:%F %H:%M %Z}"
    )


def _too_often(runs: Sequence[_Run], now: datetime, most: int) -> str | None:
    week = timedelta(days=7)
    recent = [run.start for run in runs if now - run.start < week]
    if len(recent) < most:
        return None
    return (
        f"{len(recent)} started within seven days; the next may start at "
        f"{recent[-most] + week:%F %H:%M %Z}"
    )


def _rejected(runs: Sequence[_Run], most: int) -> str | None:
    answers = [run.answer for run in runs if run.answer in ("promoted", "rejected")]
    if len(answers) < most or "promoted" in answers[-most:]:
        return None
    return f"the last {most} challengers were rejected: a person must look, and ask for the next"


def _too_few(events: Sequence[Event], runs: Sequence[_Run], rules: Retrain) -> str | None:
    """Of new labels: of a class, or of groups."""
    learned = [run.start for run in runs if run.answer in DECIDED]
    counts: dict[str, int] = {}
    groups: set[str] = set()
    for event in _labels(events):
        if not learned or _time(event) > learned[-1]:
            groups |= set(event["groups"])
            for label, count in event["labels"].items():
                counts[label] = counts.get(label, 0) + count
    if len(counts) < 2 or min(counts.values()) < rules.least_labels:
        told = ", ".join(f"{count} {label}" for label, count in sorted(counts.items())) or "none"
        return f"{rules.least_labels} new labels of each class are needed, there are: {told}"
    if len(groups) < rules.least_groups:
        return (
            f"new labels are of {len(groups)} patients or groups, {rules.least_groups} are needed"
        )
    return None


def _labels(events: Sequence[Event]) -> Iterator[Event]:
    return (event for event in events if event["event"] == LABELS and not event["flagged"])


def _time(event: Event) -> datetime:
    return datetime.fromisoformat(event["at"])
