"""What is concluded where a class is rare: no answer rests on accuracy alone."""

from typing import Any

import pytest

from smearflow.records.figures import AtPrevalence, Confusion, Estimate, Figures
from smearflow.records.training import Target
from smearflow.report.conclusions.rare import (
    accuracy_told,
    constant_accuracy,
    percent,
    precision_told,
    says_little,
)
from smearflow.report.conclusions.use import can_use
from tests.records.examples import CLASSES, FIGURES
from tests.report.conclusions.test_conclusions import FAR, run

HALF = Estimate(value=0.48, low=0.41, high=0.554)
NOTHING = Estimate(value=None, low=None, high=None)
TWO_PERCENT = Confusion(tn=951, fp=29, fn=2, tp=18)
SENSITIVE = FAR.model_copy(update={"metric": "sensitivity", "target": 0.9})
RANKING = FAR.model_copy(update={"metric": "roc_auc"})
STRICT = FAR.model_copy(update={"target": 0.985, "value": 0.99})


def there(
    prevalence: float = 0.02, *, stated: bool = False, model: Estimate = HALF
) -> AtPrevalence:
    return AtPrevalence(prevalence=prevalence, stated=stated, model=model, edge=model)


def seen(*targets: Target, **changed: Any) -> Figures:
    usual = {"cells": 1000, "confusion": TWO_PERCENT, "at_prevalence": there()}
    return FIGURES.model_copy(update=usual | {"targets": targets} | changed)


@pytest.mark.parametrize(
    ("confusion", "reached"),
    [
        (TWO_PERCENT, 0.98),
        (Confusion(tn=900, fp=1, fn=49, tp=50), 0.901),
        (Confusion(tn=850, fp=50, fn=50, tp=50), None),
        (Confusion(tn=10, fp=10, fn=80, tp=900), 0.98),  # the negative ones are rare
    ],
)
def test_what_one_answer_for_every_cell_would_reach(
    confusion: Confusion, reached: float | None
) -> None:
    assert constant_accuracy(seen(confusion=confusion)) == reached


@pytest.mark.parametrize(
    ("targets", "little"),
    [
        ((FAR,), True),
        ((FAR, SENSITIVE), True),
        ((FAR, SENSITIVE, RANKING), False),
        ((STRICT, SENSITIVE), False),
        ((SENSITIVE,), False),
    ],
)
def test_targets_that_a_rare_class_makes_easy(targets: tuple[Target, ...], little: bool) -> None:
    assert says_little(seen(*targets)) is little
    answer = can_use(run(seen(*targets)))
    assert (answer.short == "You decide: what was asked says little") is little
    assert any("98.0%" in sentence for sentence in answer.sentences)


def test_of_usual_classes_nothing_of_it_is_said() -> None:
    usual = FIGURES.model_copy(update={"targets": (FAR,), "at_prevalence": there(0.5)})
    assert accuracy_told(usual, CLASSES) is precision_told(usual, CLASSES) is None
    assert not says_little(usual)
    assert can_use(run(usual)).mood == "good"


def test_precision_is_told_where_positives_are_rare_or_where_somebody_states_how_many() -> None:
    told = "Of 100 cells that it calls Parasitized, 48 (41 to 55) are, where 2.0% of cells are "
    assert precision_told(seen(), CLASSES) == f"{told}Parasitized, as on the test side."
    stated = FIGURES.model_copy(update={"at_prevalence": there(stated=True)})
    assert precision_told(stated, CLASSES) == f"{told}Parasitized."


def test_precision_of_nothing() -> None:
    told = precision_told(seen(at_prevalence=there(model=NOTHING)), CLASSES)
    assert told == "It calls no cell Parasitized, where 2.0% of cells are Parasitized, " + (
        "as on the test side."
    )
    assert precision_told(seen(at_prevalence=None), CLASSES) is None  # of an earlier version


def test_the_rare_class_is_named() -> None:
    negative = seen(confusion=Confusion(tn=10, fp=10, fn=80, tp=900))
    assert "are Uninfected: calling every cell Parasitized " in (
        accuracy_told(negative, CLASSES) or ""
    )


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.02, "2.0%"), (0.98, "98.0%"), (0.0005, "0.050%"), (0.9995, "99.950%"), (1.0, "100.0%")],
)
def test_a_share_near_none_keeps_its_digits(share: float, words: str) -> None:
    assert percent(share) == words
