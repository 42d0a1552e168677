import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from smearflow.params.retrain import Retrain
from smearflow.release.policy import Asker, should_retrain
from tests.wording import named

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
RULES = Retrain(most_rejected=2, least_labels=5)


def _verdict(verdict: str, hours_ago: float) -> dict[str, Any]:
    return {"event": "verdict", "verdict": verdict, "at": _at(hours_ago)}


def _retraining(hours_ago: float, answer: str | None = None) -> list[dict[str, Any]]:
    """One that took half an hour."""
    start = {"event": "retraining", "at": _at(hours_ago)}
    end = {"event": "retrained", "at": _at(hours_ago - 0.5), "answer": answer}
    return [start, end] if answer else [start]


def _runs(text: str) -> list[dict[str, Any]]:
    """`90+ 30-` is one that was promoted, 90 hours ago, and one that was rejected."""
    answers = {"+": "promoted", "-": "rejected", "?": "undecided", "f": "failed"}
    found = [_retraining(float(each[:-1]), answers[each[-1]]) for each in text.split()]
    return [event for run in found for event in run]


def _labels(
    hours_ago: float, plus: int = 5, minus: int = 5, groups: str = "ab", flagged: bool = False
) -> dict[str, Any]:
    counted = {label: count for label, count in (("+", plus), ("-", minus)) if count}
    return {
        "event": "labels",
        "at": _at(hours_ago),
        "labels": counted,
        "groups": list(groups),
        "flagged": flagged,
    }


def _at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago)).isoformat()


def _minute(hours_ago: float) -> str:
    return f"{NOW - timedelta(hours=hours_ago):%F %H:%M} UTC"


ENOUGH = _labels(0.2)
DRIFT = [_verdict("drift", 1), ENOUGH]


@pytest.mark.parametrize(
    ("history", "yes", "told"),
    [
        ([ENOUGH], False, []),
        ([*_retraining(30, "promoted"), ENOUGH], False, []),
        ([_verdict("stable", 1), ENOUGH], False, ["stable"]),
        ([_verdict("invalid window", 1), ENOUGH], False, []),
        ([_verdict("too few cells", 1), ENOUGH], False, []),
        ([_verdict("drift", 3), _verdict("invalid window", 1), ENOUGH], True, ["drift"]),
        ([_verdict("drift", 3), _verdict("no window", 1), ENOUGH], True, ["drift"]),
        ([_verdict("stable", 3), _verdict("invalid window", 1), ENOUGH], False, ["stable"]),
        ([_verdict("drift", 5), _verdict("stable", 3), ENOUGH], False, ["stable"]),
        (DRIFT, True, ["drift"]),
        # drift that is harmless or not confirmed asks for none; patients over time may, without
        ([_verdict("drift", 1) | {"asks": False}, ENOUGH], False, ["drift"]),
        ([_verdict("stable", 1) | {"asks": True}, ENOUGH], True, ["drift"]),
        ([_verdict("drift", 1), _verdict("stable", 3), ENOUGH], True, ["drift"]),  # in any order
        ([*DRIFT, *_retraining(23.9, "promoted")], False, [_minute(23.9), _minute(-0.1)]),
        ([*DRIFT, *_retraining(24, "promoted")], True, ["drift"]),
        (
            [*DRIFT, *_retraining(30, "promoted"), *_retraining(2, "promoted")],
            False,
            [_minute(2), _minute(-22)],
        ),
    ],
)
def test_drift_that_lasts_asks_for_one_after_the_cooldown(
    history: list[dict[str, Any]], yes: bool, told: list[str]
) -> None:
    decision = should_retrain(history, NOW, RULES)
    assert decision.yes is yes
    assert bool(decision) is yes
    times = re.findall(r"[\d-]+ [\d:]+ UTC", decision.reason)  # since when, until when
    assert [*named(decision.reason, "stable", "drift"), *times] == told


@pytest.mark.parametrize(
    ("history", "asker", "yes", "told"),
    [
        ([ENOUGH], "labels", True, "labels asks"),
        ([], "labels", False, "there are: none"),
        ([_labels(1, plus=4)], "labels", False, "4 [+]"),
        ([_labels(1, plus=0, minus=90)], "labels", False, "90 -"),  # of one class only
        ([_labels(1, groups="a")], "labels", False, "of 1 patients"),
        ([_labels(2, 2, 4, "a"), _labels(1, 3, 1, "b")], "labels", True, ""),  # together
        ([_labels(1, flagged=True)], "labels", False, "there are: none"),
        # what a retraining has learned from is new no more; what it failed on still is
        ([_labels(31), *_retraining(30, "rejected")], "labels", False, "there are: none"),
        ([_labels(31), *_retraining(30, "failed")], "labels", True, ""),
        ([_labels(31), *_retraining(30)], "labels", True, ""),  # killed, longer ago than any takes
        # at most three a week
        ([*_runs("160+ 90+ 30f"), ENOUGH], "labels", False, f"3 started .*{_minute(160 - 168)}"),
        ([*_runs("168+ 90+ 30f"), ENOUGH], "labels", True, ""),
        # two rejected in a row
        ([*_runs("90- 30-"), ENOUGH], "labels", False, "a person must"),
        ([*_runs("90- 60? 30-"), ENOUGH], "labels", False, "a person must"),
        ([*_runs("90+ 30-"), ENOUGH], "labels", True, ""),
        # while one runs
        ([*_retraining(23), ENOUGH], "labels", False, f"{_minute(23)} still runs"),
        ([*_retraining(23), ENOUGH], "person", False, "still runs"),
        # a person need not wait
        (_runs("1.2- 0.6-"), "person", True, ""),
        (_runs("3f 2f 1f"), "person", True, ""),
        ([], "person", True, "a person"),
    ],
)
def test_what_speaks_against_one(
    history: list[dict[str, Any]], asker: Asker, yes: bool, told: str
) -> None:
    decision = should_retrain(history, NOW, RULES, asker)
    assert decision.yes is yes
    assert re.search(told, decision.reason)
    assert "\n" not in decision.reason


def test_times_of_other_zones_are_compared_as_times() -> None:
    history = [
        {"event": "verdict", "verdict": "stable", "at": "2030-05-01T12:30:00+02:00"},
        {"event": "verdict", "verdict": "drift", "at": "2030-05-01T11:00:00+00:00"},
        ENOUGH,
    ]
    assert should_retrain(history, NOW, RULES).yes
