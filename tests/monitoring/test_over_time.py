from typing import Any

import pytest

from smearflow.monitoring.over_time import follow, in_a_row

USUAL = {"a": [float(i) for i in range(28)]}


def verdict(window: str, *scores: float, names: str = "", **changed: Any) -> dict[str, Any]:
    patients = [
        {"patient": names and f"{names}{i}", "scores": {"a": score}}
        for i, score in enumerate(scores)
    ]
    event = {"event": "verdict", "verdict": "stable", "model_id": "m", "window_sha256": window}
    return event | {"patients": patients} | changed


def test_strange_patients_of_windows_that_were_all_stable_raise_the_alarm_together() -> None:
    windows = [verdict(str(i), 30.0 + i, names=f"P{i}-") for i in range(9)]
    found = [follow(windows[:i], "m", USUAL) for i in range(10)]
    assert [each.patients for each in found] == list(range(10))
    assert found[0].evidence == 1
    assert not found[1].alarm
    assert found[-1].alarm


@pytest.mark.parametrize(
    "again",
    [
        verdict("1", 30.0, names="P"),  # the same folder, looked at every day
        verdict("2", 31.0, names="P"),  # the same patient in another
        verdict("2", 30.0, names="Q", verdict="invalid window"),
        verdict("2", 30.0, names="Q", model_id="another"),
        {"event": "retraining"},
        {"event": "verdict", "verdict": "stable", "model_id": "m", "window_sha256": "2"},
    ],
)
def test_what_says_nothing_new_counts_nothing(again: dict[str, Any]) -> None:
    first = verdict("1", 30.0, names="P")
    assert follow([first, again], "m", USUAL) == follow([first], "m", USUAL)


def test_cells_of_nobody_are_a_patient_for_each_window() -> None:
    assert (
        follow([verdict("1", 1.0), verdict("1", 1.0), verdict("2", 1.0)], "m", USUAL).patients == 2
    )


def test_windows_in_a_row_are_different_ones_since_the_last_stable_one() -> None:
    drift = {"verdict": "drift"}
    history = [verdict("0") | drift, verdict("1"), verdict("2") | drift]
    assert in_a_row(history, "m") == 1
    history += [
        verdict("2") | drift,
        verdict("3", verdict="too few cells"),
        {"event": "retraining"},
    ]
    assert in_a_row(history, "m") == 1
    assert in_a_row([*history, verdict("4") | drift], "m") == 2
    assert in_a_row(history, "another") == 0
