"""The rule in all directions, on answers of models and not on figures made up to fit it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from smearflow.assessment.paired import Scores
from smearflow.release.contest import HeldOutCells, Resampling, Rival, compare
from smearflow.release.promotion import Rule, Ruling, should_promote

RULE = Rule(margin=0.02, least_patients=8, primary_metric="accuracy")
RESAMPLING = Resampling(samples=400, seed=1, confidence=0.95)
OF_CLASS = 10  # cells of each class of a patient


@dataclass(frozen=True)
class Site:
    """Patients of a site; how many cells of each class each model gets wrong there."""

    name: str
    patients: int
    champion: tuple[int, int]  # of the infected, of the uninfected
    challenger: tuple[int, int]
    former: Sequence[tuple[int, int]] = ()


def first(
    champion: tuple[int, int], challenger: tuple[int, int], *former: tuple[int, int], n: int = 60
) -> Site:
    return Site("first", n, champion, challenger, former)


def answers(targets: np.ndarray, wrong: tuple[int, int], seed: int) -> np.ndarray:
    """Probabilities of a model that is wrong on so many cells; fewer are among more."""
    order, probabilities = np.random.default_rng(seed).permutation(len(targets)), targets.copy()
    for target, count in ((1, wrong[0]), (0, wrong[1])):
        mistaken = [cell for cell in order if targets[cell] == target][:count]
        probabilities[mistaken] = 1 - target
    return probabilities


def ruling(
    *sites: Site, known: Sequence[int] = (), rule: Rule = RULE, new: Sequence[str] = ()
) -> Ruling:
    """What becomes of the challenger.

    Args:
        known: numbers of patients that the champion may have learned from.
        new: names of sites that are new to it.
    """
    patients = np.repeat([f"{each.name}/{n}" for each in sites for n in range(each.patients)], 20)
    targets = np.tile(np.repeat([1, 0], OF_CLASS), sum(each.patients for each in sites))
    of_site = np.array([each.partition("/")[0] for each in patients])

    def scores(wrong: Sequence[tuple[int, int]]) -> Scores:
        parts = [
            answers(targets[of_site == each.name], own, seed)
            for seed, (each, own) in enumerate(zip(sites, wrong, strict=True))
        ]
        return Scores(np.concatenate(parts).astype(float), 0.5)

    held_out = ~np.isin(patients, [f"first/{n}" for n in known])
    everyone = np.full(len(patients), True)
    former = [
        Rival(f"former {n}", scores([each.former[n] for each in sites]), everyone)
        for n in range(len(sites[0].former))
    ]
    compared = compare(
        HeldOutCells(targets.astype(np.int8), patients, of_site, "first", frozenset(new)),
        scores([each.challenger for each in sites]),
        Rival("champion", scores([each.champion for each in sites]), held_out),
        former,
        rule.primary_metric,
        RESAMPLING,
    )
    return should_promote(list(compared), rule)


def elsewhere(champion: tuple[int, int], challenger: tuple[int, int], n: int = 60) -> Site:
    return Site("elsewhere", n, champion, challenger)


SAME = first((30, 30), (30, 30))


@pytest.mark.parametrize(
    ("sites", "answer", "told"),
    [
        ([first((60, 60), (20, 20))], "promoted", "better: accuracy"),
        ([SAME], "promoted", "no worse: accuracy"),
        ([first((30, 30), (33, 33))], "promoted", "no worse: accuracy"),  # by a quarter of it
        ([first((20, 20), (90, 90))], "rejected", "worse: accuracy"),
        ([first((60, 200), (110, 20))], "rejected", "worse: sensitivity"),  # more accurate, too
        ([first((200, 60), (20, 110))], "rejected", "worse: specificity"),
        ([first((3, 3), (1, 1), n=7)], "undecided", "too few to tell: all sites has 7 "),
        ([first((4, 4), (5, 4), n=10)], "undecided", "too few to tell: sensitivity"),
        # new sites: each counts if it has patients enough, else in all sites together
        ([SAME, elsewhere((60, 60), (20, 20))], "promoted", "better: accuracy"),
        ([SAME, elsewhere((20, 20), (90, 90))], "rejected", "at elsewhere"),
        ([SAME, elsewhere((0, 0), (2, 2), n=3)], "promoted", "no worse: accuracy"),
        ([SAME, elsewhere((0, 0), (30, 30), n=3)], "undecided", "all sites"),
        ([first((20, 20), (60, 60)), elsewhere((90, 90), (10, 10))], "rejected", "at first"),
        ([elsewhere((60, 60), (20, 20))], "undecided", "first has 0 test patients"),
    ],
)
def test_should_promote(sites: list[Site], answer: str, told: str) -> None:
    found = ruling(*sites)
    assert (found.answer, told in found.reason) == (answer, True), found


@pytest.mark.parametrize(
    ("there", "answer", "told"),
    [
        (elsewhere((60, 60), (20, 20)), "promoted", "better"),
        (elsewhere((60, 60), (55, 55)), "promoted", ""),
        (elsewhere((30, 30), (30, 30)), "undecided", "no better where it should be: accuracy +0.0"),
        (elsewhere((30, 30), (32, 32)), "undecided", "at elsewhere (new to the model in use)"),
        (elsewhere((20, 20), (90, 90)), "rejected", "at elsewhere"),
        (elsewhere((2, 2), (2, 2), n=3), "promoted", "no worse"),  # too few to tell
    ],
)
def test_a_challenger_must_gain_at_a_site_that_is_new_to_the_champion(
    there: Site, answer: str, told: str
) -> None:
    found = ruling(SAME, there, new=["elsewhere"])
    assert (found.answer, told in found.reason) == (answer, True), found


def test_three_steps_down_of_half_a_margin_each() -> None:
    """Each step is within the margin of the step before; from the second on it is not of the best.

    12 of 600 cells of a class wrong, then 18, 24 and 30: each a hundredth worse.
    """
    best, second, third, fourth = ((wrong, wrong) for wrong in (12, 18, 24, 30))
    assert ruling(first(best, second)).answer == "promoted"
    assert ruling(first(second, third)).answer == "promoted"  # were there no floor
    found = ruling(first(second, third, best))
    assert found.answer == "rejected"
    assert "against former 0, once in use," in found.reason
    assert ruling(first(second, fourth, best)).answer == "rejected"
    assert ruling(first(second, best, best)).answer == "promoted"


def test_each_figure_has_a_floor_of_its_own() -> None:
    """Sensitivity does not walk down while accuracy rises."""
    found = ruling(first((24, 100), (30, 40), (12, 200)))
    assert found.answer == "rejected"
    assert "sensitivity" in found.reason
    assert "former 0" in found.reason
    assert "accuracy" not in found.reason


def test_patients_that_the_champion_may_know_do_not_count_for_it() -> None:
    assert ruling(SAME, known=range(50)).answer == "promoted"
    assert "has 5 test patients" in ruling(SAME, known=range(55)).reason
    assert ruling(SAME, known=range(60)).answer == "undecided"


def test_the_margin_and_the_least_patients_are_settings() -> None:
    worse = first((12, 12), (30, 30))
    assert ruling(worse).answer == "rejected"
    assert ruling(worse, rule=RULE._replace(margin=0.1)).answer == "promoted"
    assert ruling(SAME, rule=RULE._replace(least_patients=61)).answer == "undecided"


def test_cells_of_one_class_tell_of_one_figure() -> None:
    patients = np.repeat([f"first/{n}" for n in range(20)], 5)
    targets = np.ones(100, np.int8)
    cells = HeldOutCells(targets, patients, np.full(100, "first"), "first")
    same = Scores(np.ones(100), 0.5)
    rival = Rival("champion", same, np.full(100, True))
    compared = list(compare(cells, same, rival, [], "accuracy", RESAMPLING))
    found = should_promote(compared, RULE)
    assert found.answer == "undecided"
    assert "specificity is undefined" in found.reason


def test_a_challenger_that_learned_swapped_labels_is_rejected() -> None:
    # 60 patients have 600 cells of each class; by the swapped labels of the new site the champion
    # is wrong there and the challenger right, which makes up for nothing where labels are sound
    new = elsewhere((570, 570), (30, 30))
    assert ruling(first((30, 30), (570, 570)), new).answer == "rejected"
    assert ruling(first((30, 30), (90, 90)), new).answer == "rejected"
