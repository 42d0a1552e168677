import re
from datetime import UTC, datetime, timedelta

import pytest

from smearflow.release.policy import should_retrain
from tests.wording import named

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def _verdict(verdict: str, hours_ago: float) -> dict[str, str]:
    return {"event": "verdict", "verdict": verdict, "at": _at(hours_ago)}


def _retraining(hours_ago: float) -> dict[str, str]:
    return {"event": "retraining", "at": _at(hours_ago)}


def _at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago)).isoformat()


def _minute(hours_ago: float) -> str:
    return f"{NOW - timedelta(hours=hours_ago):%F %H:%M} UTC"


@pytest.mark.parametrize(
    ("history", "yes", "told"),
    [
        ([], False, []),
        ([_retraining(1)], False, []),
        ([_verdict("stable", 1)], False, ["stable"]),
        ([_verdict("invalid window", 1)], False, []),
        ([_verdict("too few cells", 1)], False, []),
        ([_verdict("drift", 3), _verdict("invalid window", 1)], True, ["drift"]),
        ([_verdict("drift", 3), _verdict("no window", 1)], True, ["drift"]),
        ([_verdict("stable", 3), _verdict("invalid window", 1)], False, ["stable"]),
        (
            [_verdict("drift", 5), _verdict("stable", 3), _verdict("too few cells", 1)],
            False,
            ["stable"],
        ),
        ([_verdict("drift", 1)], True, ["drift"]),
        ([_verdict("drift", 3), _verdict("stable", 1)], False, ["stable"]),
        ([_verdict("stable", 3), _verdict("drift", 1)], True, ["drift"]),
        ([_verdict("drift", 1), _verdict("stable", 3)], True, ["drift"]),  # in any order
        (
            [_verdict("drift", 1), _retraining(23.9)],
            False,
            ["drift", _minute(23.9), _minute(-0.1)],
        ),
        ([_verdict("drift", 1), _retraining(24)], True, ["drift"]),
        (
            [_verdict("drift", 1), _retraining(30), _retraining(2)],
            False,
            ["drift", _minute(2), _minute(-22)],
        ),
        ([_retraining(30), _verdict("drift", 1)], True, ["drift"]),
    ],
)
def test_should_retrain(history: list[dict[str, str]], yes: bool, told: list[str]) -> None:
    decision = should_retrain(history, NOW, DAY)
    assert decision.yes is yes
    assert bool(decision) is yes
    times = re.findall(r"[\d-]+ [\d:]+ UTC", decision.reason)  # since when, until when
    assert [*named(decision.reason, "stable", "drift"), *times] == told


def test_times_of_other_zones_are_compared_as_times() -> None:
    history = [
        {"event": "verdict", "verdict": "stable", "at": "2030-05-01T12:30:00+02:00"},
        {"event": "verdict", "verdict": "drift", "at": "2030-05-01T11:00:00+00:00"},
    ]
    assert should_retrain(history, NOW, DAY).yes
