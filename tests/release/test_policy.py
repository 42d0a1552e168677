from datetime import UTC, datetime, timedelta

import pytest

from smearflow.release.policy import should_retrain

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def _verdict(verdict: str, hours_ago: float) -> dict[str, str]:
    return {"event": "verdict", "verdict": verdict, "at": _at(hours_ago)}


def _retraining(hours_ago: float) -> dict[str, str]:
    return {"event": "retraining", "at": _at(hours_ago)}


def _at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago)).isoformat()


@pytest.mark.parametrize(
    ("history", "yes", "reason"),
    [
        ([], False, "no window has been judged"),
        ([_retraining(1)], False, "no window has been judged"),
        ([_verdict("stable", 1)], False, "latest verdict is stable"),
        ([_verdict("invalid window", 1)], False, "no window has been judged"),
        ([_verdict("too few cells", 1)], False, "no window has been judged"),
        ([_verdict("drift", 3), _verdict("invalid window", 1)], True, "is drift"),
        ([_verdict("drift", 3), _verdict("no window", 1)], True, "is drift"),
        ([_verdict("stable", 3), _verdict("invalid window", 1)], False, "verdict is stable"),
        (
            [_verdict("drift", 5), _verdict("stable", 3), _verdict("too few cells", 1)],
            False,
            "verdict is stable",
        ),
        ([_verdict("drift", 1)], True, "is drift"),
        ([_verdict("drift", 3), _verdict("stable", 1)], False, "latest verdict is stable"),
        ([_verdict("stable", 3), _verdict("drift", 1)], True, "is drift"),
        ([_verdict("drift", 1), _verdict("stable", 3)], True, "is drift"),  # in any order
        ([_verdict("drift", 1), _retraining(23.9)], False, "2030-04-30 12:06 UTC"),
        ([_verdict("drift", 1), _retraining(24)], True, "is drift"),
        ([_verdict("drift", 1), _retraining(30), _retraining(2)], False, "next may start"),
        ([_retraining(30), _verdict("drift", 1)], True, "is drift"),
    ],
)
def test_should_retrain(history: list[dict[str, str]], yes: bool, reason: str) -> None:
    decision = should_retrain(history, NOW, DAY)
    assert decision.yes is yes
    assert bool(decision) is yes
    assert reason in decision.reason


def test_times_of_other_zones_are_compared_as_times() -> None:
    history = [
        {"event": "verdict", "verdict": "stable", "at": "2030-05-01T12:30:00+02:00"},
        {"event": "verdict", "verdict": "drift", "at": "2030-05-01T11:00:00+00:00"},
    ]
    assert should_retrain(history, NOW, DAY).yes
