import numpy as np
import numpy.typing as npt
import pytest

from smearflow.studies.probe import linear_probe

CELLS, PATIENTS = 400, 20


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.fixture
def targets(random: np.random.Generator) -> npt.NDArray[np.int8]:
    return random.integers(0, 2, CELLS).astype(np.int8)


@pytest.fixture
def patients() -> npt.NDArray[np.intp]:
    return np.arange(CELLS) % PATIENTS


def test_features_that_hold_the_answer_are_worth_everything(
    random: np.random.Generator, targets: npt.NDArray[np.int8], patients: npt.NDArray[np.intp]
) -> None:
    features = random.normal(size=(CELLS, 5)).astype(np.float32)
    features[:, 3] = 100 + 0.01 * targets  # standardised first, so neither place nor size matters
    probe = linear_probe(features, targets, patients)
    assert probe.folds == (1.0,) * 5
    assert probe.accuracy == 1.0


def test_features_that_hold_nothing_are_worth_a_coin(
    random: np.random.Generator, targets: npt.NDArray[np.int8], patients: npt.NDArray[np.intp]
) -> None:
    features = random.normal(size=(CELLS, 5)).astype(np.float32)
    probe = linear_probe(features, targets, patients)
    assert 0.4 < probe.accuracy < 0.6
    assert probe.accuracy == pytest.approx(np.mean(probe.folds))
    assert len(set(probe.folds)) > 1
    assert linear_probe(features, targets, patients) == probe


def test_what_tells_patients_apart_does_not_help_with_unseen_ones(
    patients: npt.NDArray[np.intp],
) -> None:
    targets = (patients % 2).astype(np.int8)  # one class a patient
    features = np.eye(PATIENTS, dtype=np.float32)[patients]
    assert linear_probe(features, targets, np.arange(CELLS)).accuracy == 1.0  # the leak
    assert linear_probe(features, targets, patients).accuracy < 0.6


def test_too_few_patients_are_refused(targets: npt.NDArray[np.int8]) -> None:
    with pytest.raises(ValueError, match="5 folds need 5 patients, not 4"):
        linear_probe(np.zeros((CELLS, 2), np.float32), targets, np.arange(CELLS) % 4)
