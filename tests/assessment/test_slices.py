import numpy as np
import pytest

from smearflow.assessment.bootstrap import patient_bootstrap
from smearflow.assessment.partitions import Partition, patient_parts
from smearflow.assessment.slices import slice_figures
from smearflow.records.slices import Slice

PATIENTS = np.repeat([f"p{at:02}" for at in range(20)], 60)
TARGETS = np.tile([0, 1], 600).astype(np.int8)


def scores(accuracy: np.ndarray, seed: int = 1) -> np.ndarray:
    """Probabilities that are right with these chances [n]."""
    right = np.random.default_rng(seed).random(1200) < accuracy
    return np.where(right, TARGETS, 1 - TARGETS).astype(np.float32)


def figures(probabilities: np.ndarray, *partitions: Partition, samples: int = 300) -> list[Slice]:
    return list(slice_figures(TARGETS, probabilities, PATIENTS, 0.5, partitions, samples, seed=1))


def halves(second: np.ndarray) -> Partition:
    bounds = {"1": (None, 3.0), "2": (3.0, None)}
    return Partition("sharpness", np.where(second, "2", "1"), bounds)


def test_figures_of_a_slice_are_those_of_its_cells() -> None:
    second = np.arange(1200) % 3 == 0
    probabilities = scores(np.where(second, 0.7, 0.95))
    worst, other = figures(probabilities, halves(second))
    right = (probabilities == 1) == (TARGETS == 1)
    assert (worst.dimension, worst.part, worst.low, worst.high) == ("sharpness", "2", 3.0, None)
    assert (worst.cells, worst.patients, worst.worse) == (400, 20, True)
    assert worst.accuracy.value == pytest.approx(right[second].mean())
    assert worst.rest == pytest.approx(right[~second].mean())
    assert worst.sensitivity.value == pytest.approx(right[second & (TARGETS == 1)].mean())
    assert worst.specificity.value == pytest.approx(right[second & (TARGETS == 0)].mean())
    assert not other.worse
    assert other.shortfall == pytest.approx(-worst.shortfall)


def test_intervals_of_many_patients_are_near_those_of_the_patient_bootstrap() -> None:
    everyone = Partition("stain", np.full(1200, "1"), {})
    probabilities = scores(np.repeat(np.random.default_rng(3).uniform(0.7, 1, 20), 60))
    (found,) = figures(probabilities, everyone, samples=2000)
    plain = patient_bootstrap(TARGETS, probabilities, PATIENTS, 0.5, 2000, 1)["accuracy"]
    assert None not in (found.accuracy.low, plain.low, found.accuracy.high, plain.high)
    assert found.accuracy.low == pytest.approx(plain.low, abs=0.01)
    assert found.accuracy.high == pytest.approx(plain.high, abs=0.01)
    assert (found.rest, found.worse) == (None, False)  # there is no rest


def test_a_patient_has_the_interval_of_the_cells() -> None:
    probabilities = scores(np.where(PATIENTS == "p07", 0.5, 0.95))
    worst, *others = figures(probabilities, patient_parts(PATIENTS), samples=2000)
    assert (worst.part, worst.cells, worst.patients, worst.worse) == ("p07", 60, 1, True)
    value, low, high = worst.accuracy.value, worst.accuracy.low, worst.accuracy.high
    assert None not in (value, low, high)
    error = (value * (1 - value) / 60) ** 0.5  # type: ignore[operator]
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.12)  # type: ignore[operator]
    assert len(others) == 19
    assert not any(each.worse for each in others)


def test_slices_alike_are_seldom_called_worse() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for seed in range(40):
        looks = [halves(rng.random(1200) < share) for share in (0.1, 0.25, 0.5)]
        found = figures(
            scores(np.full(1200, 0.93), seed), patient_parts(PATIENTS), *looks, samples=100
        )
        alarms += any(each.worse for each in found)
    assert alarms <= 6


def test_few_cells_are_never_called_worse() -> None:
    few = np.zeros(1200, bool)
    few[:19] = True
    found = figures(scores(np.where(few, 0.0, 1.0)), halves(few))
    assert found[0].accuracy.value == 0
    assert not any(each.worse for each in found)
    few[19] = True
    assert figures(scores(np.where(few, 0.0, 1.0)), halves(few))[0].worse


def test_a_class_without_cells_has_no_figure() -> None:
    found = figures(scores(np.full(1200, 0.9)), halves(TARGETS == 1))
    positive = next(each for each in found if each.part == "2")
    assert positive.specificity.value is None
    assert positive.sensitivity.value == positive.accuracy.value
