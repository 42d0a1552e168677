"""What is said of a verdict: its figures and names, whatever the words."""

from typing import Any

import pytest

from smearflow.records.validation import Checks, Counts, NotedFinding
from smearflow.records.verdict import DriftScore, NoCellKind, PatientNames, Verdict
from smearflow.report.drift.quantities import quantity
from smearflow.report.drift.verdict import alerts, notes
from tests.records.examples import CLASSES, VERDICT
from tests.wording import named, numbers


def score(name: str = "blue_mean", **changed: Any) -> DriftScore:
    """One beyond its limit."""
    usual = {"name": name, "score": 2.0, "limit": 1.5, "drifted": True}
    return VERDICT.scores[0].model_copy(update=usual | changed)


def moved(now: float, usual: float, deviation: float = 0.1) -> DriftScore:
    return score(window=now, baseline=usual, deviation=deviation)


def shares(now: float, usual: float) -> DriftScore:
    label = {"group": "predictions", "method": "jensenshannon", "deviation": None}
    return score("label", window=now, baseline=usual, **label)


EMBEDDING = score(
    "embedding", group="embeddings", method="mmd", window=None, baseline=None, deviation=None
)
UNKNOWN = EMBEDDING.model_copy(update={"score": None, "limit": None, "drifted": False})


def verdict(*scores: DriftScore, window: dict[str, Any] | None = None, **changed: Any) -> Verdict:
    facts = VERDICT.window.model_copy(update=window or {})
    return VERDICT.model_copy(update={"scores": scores, "window": facts} | changed)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("blue_mean", ["blue", "optical density"]),
        ("red_spread", ["spread", "red", "optical density"]),
        ("cell_area", ["image"]),
        ("not_listed", ["not listed"]),
    ],
)
def test_columns_in_words(name: str, words: list[str]) -> None:
    assert named(quantity(name), *words) == words


def test_nothing_is_wrong_with_what_is_usual() -> None:
    assert alerts(VERDICT) == []


@pytest.mark.parametrize(
    ("found", "direction"),
    [
        (moved(0.2, 0.5), "lower"),
        (moved(9.0, 1.5), "higher"),
        (moved(0.1, 0.0, 0.5), "differently"),
    ],
)
def test_a_moved_column_is_told_with_direction_means_and_distance(
    found: DriftScore, direction: str
) -> None:
    (alert,) = alerts(verdict(found))
    assert alert.startswith(quantity("blue_mean"))
    assert named(alert, "higher", "lower", "differently") == [direction]
    assert numbers(alert) == [found.window, found.baseline, 2.0, 1.5]


def test_a_column_is_said_to_be_of_another_shape_only_where_its_spread_is_known() -> None:
    (alert,) = alerts(verdict(score(window=0.1, baseline=0.0, deviation=None)))
    assert "higher" in alert


@pytest.mark.parametrize(
    ("now", "usual", "first", "told"), [(0.75, 0, "more", [75, 0]), (0, 1, "fewer", [0, 100])]
)
def test_labels_are_told_as_shares_of_cells(
    now: float, usual: float, first: str, told: list[float]
) -> None:
    (alert,) = alerts(verdict(shares(now, usual)))
    assert named(alert, "more", "fewer") == [first]
    assert named(alert, *CLASSES) == [CLASSES[1]]
    assert numbers(alert) == [*told, 2.0, 1.5]


def test_an_embedding_has_no_direction() -> None:
    (alert,) = alerts(verdict(EMBEDDING))
    assert numbers(alert) == [2.0, 1.5]


def test_where_only_what_the_model_says_moved_the_nearest_image_statistic_is_told() -> None:
    far = score("sharpness", score=1.2, drifted=False, window=7.0, baseline=5.0)
    near = score("contrast", score=0.3, drifted=False)
    *_, last = alerts(verdict(EMBEDDING, near, far))
    assert named(last, "sharpness", "contrast") == ["sharpness"]
    assert numbers(last) == [7.0, 5.0, 1.2, 1.5]
    assert len(alerts(verdict(EMBEDDING, near, moved(0.2, 0.5)))) == 2


def test_what_is_left_out_comes_first_by_what_it_is() -> None:
    kinds = (NoCellKind(kind="black", images=3), NoCellKind(kind="noise", images=1))
    facts = {"cells": 69, "no_cells": 4, "no_cell_kinds": kinds, "repeats": 2}
    first, second, third = alerts(verdict(moved(0.2, 0.5), window=facts))
    assert numbers(first) == [4, 69, 3, 1]
    assert named(first, "noise", "black") == ["black", "noise"]
    assert numbers(second) == [2, 69]
    assert third.startswith(quantity("blue_mean"))


@pytest.mark.parametrize("cells", [28, 30])
def test_how_few_cells_there_are_is_told(cells: int) -> None:
    facts = {"cells": cells, "compared": 28}
    (alert,) = alerts(verdict(verdict="too few cells", window=facts))
    assert numbers(alert) == [28, VERDICT.least_cells]
    assert ("decoded" in alert) is (cells == 28)


def test_critical_checks_that_fail_are_told_with_their_rows() -> None:
    held = NotedFinding(
        suite="incoming",
        expectation="expect_column_values_to_be_null",
        column="error",
        severity="critical",
        success=True,
        observed="9 of 60 rows",
        failing=(),
        failing_count=0,
        why=None,
    )
    files = {"success": False, "failing": ("a.png", "b.png", "c.png", "d.png"), "failing_count": 9}
    failed = held.model_copy(update=files | {"column": "no_cell"})
    warned = failed.model_copy(update={"severity": "warning", "column": "repeat_of"})
    checks = Checks(
        success=False,
        statistics=Counts(evaluated=3, failed_critical=1, failed_warning=1),
        expectations=(held, warned, failed),
    )
    (alert,) = alerts(verdict(checks=checks, verdict="invalid window"))
    assert named(alert, "error", "no_cell", "repeat_of") == ["no_cell"]
    assert named(alert, *failed.failing) == ["a.png", "b.png", "c.png"]
    assert numbers(alert) == [9, 60]


def test_a_window_of_which_nothing_could_be_judged_is_never_passed_over() -> None:
    assert len(alerts(verdict(UNKNOWN, verdict="not judged"))) == 1
    assert alerts(verdict(score(drifted=False, score=0.1), UNKNOWN)) == []


def names(patients: int, told: int, cells: int, unnamed: int = 0) -> Verdict:
    found = PatientNames(patients=told, cells=cells, unnamed=unnamed, usual=8.0)
    return verdict(window={"patients": patients, "names": found})


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (names(8, 8, 64), [8]),
        (names(1, 1, 9), [1]),
        (names(9, 8, 63, unnamed=1), [9, 1]),
        (names(1, 0, 0, unnamed=64), [1]),
        (names(1, 64, 64), [64, 64, 8, 1]),
    ],
)
def test_how_many_patients_it_was_taken_for_is_told(found: Verdict, told: list[float]) -> None:
    (note,) = notes(found)
    assert numbers(note) == told


def test_an_empty_folder_is_taken_for_nobody() -> None:
    assert notes(verdict(window={"cells": 0})) == []


def test_what_so_few_cells_do_not_tell_is_named() -> None:
    _, note = notes(verdict(score(drifted=False), UNKNOWN))
    assert named(note, quantity("blue_mean"), quantity("embedding")) == [quantity("embedding")]
