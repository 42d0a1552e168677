import numpy as np
import numpy.typing as npt
import pytest

from smearflow.monitoring.limits import (
    LEAST_DEVIATION,
    DriftLimits,
    Measure,
    beside_limits,
    calibrate,
    limits_for,
)

STATISTIC = Measure("image statistics", "sharpness", "wasserstein")
OTHER = Measure("image statistics", "contrast", "wasserstein")
EMBEDDING = Measure("embeddings", "embedding", "mmd")
MEASURES = (STATISTIC, OTHER, EMBEDDING)

Floats = npt.NDArray[np.float64]


def _resamples(
    effects: Floats, rng: np.random.Generator, windows: int = 120, patients: int = 1
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Distances between groups of patients and the rest, whose effects [P, S] are given."""
    members = np.zeros((windows, len(effects)), dtype=bool)
    for row in members:
        row[rng.permutation(len(effects))[:patients]] = True
    scores = [abs(effects[row].mean(axis=0) - effects[~row].mean(axis=0)) for row in members]
    return np.array(scores), members


@pytest.mark.parametrize("patients", [1, 2])
def test_unseen_patients_raise_an_alert_about_as_often_as_asked(patients: int) -> None:
    rng = np.random.default_rng(5)
    alarms = []
    for _ in range(200):
        effects = rng.normal(size=(40, len(MEASURES)))
        limits = calibrate(MEASURES, *_resamples(effects, rng, patients=patients), 0.1)
        unseen = rng.normal(size=(patients, len(MEASURES))).mean(axis=0)
        scores = beside_limits(MEASURES, abs(unseen - effects.mean(axis=0)).tolist(), limits)
        alarms.append(any(score.drifted for score in scores))
    # the plain quantile of the same resamples gives 0.175 and 0.16
    assert 0.05 <= np.mean(alarms) <= 0.14


def test_the_estimate_of_false_alarms_is_no_more_than_asked() -> None:
    rng = np.random.default_rng(1)
    scores, members = _resamples(rng.normal(size=(20, 3)), rng, patients=2)
    limits = calibrate(MEASURES, scores, members, 0.1)
    assert 0 < limits.false_alarm_rate <= 0.1
    assert (limits.patients, limits.resamples) == (2, 120)


def test_an_odd_patient_widens_only_the_limits_of_its_group() -> None:
    rng = np.random.default_rng(2)
    effects = rng.normal(size=(20, 3))
    usual = calibrate(MEASURES, *_resamples(effects, np.random.default_rng(3)), 0.05)
    effects[7, 0] = 20
    odd = calibrate(MEASURES, *_resamples(effects, np.random.default_rng(3)), 0.05)
    assert odd.values["sharpness"] > 3 * usual.values["sharpness"]
    assert odd.values["embedding"] == usual.values["embedding"]


def test_one_patient_from_another_microscope_does_not_hide_every_shift() -> None:
    rng = np.random.default_rng(4)
    effects = rng.normal(0, 0.1, size=(12, 3))
    effects[0] += 3
    limits = calibrate(MEASURES, *_resamples(effects, rng, windows=200, patients=2), 0.05)
    assert max(limits.values.values()) < 4  # and 8 or more where the others' own deviation counts


def test_scores_that_never_vary_have_a_limit() -> None:
    _, members = _resamples(np.zeros((8, 3)), np.random.default_rng(1))
    limits = calibrate(MEASURES, np.full((120, 3), 0.2), members, 0.05)
    assert limits.values == {"sharpness": 0.2, "contrast": 0.2, "embedding": 0.2}


def test_a_measure_that_some_window_does_not_tell_has_no_limit() -> None:
    scores, members = _resamples(
        np.random.default_rng(1).normal(size=(20, 3)), np.random.default_rng(2)
    )
    usual = calibrate(MEASURES, scores, members, 0.05)
    scores[3, 2] = np.nan
    limits = calibrate(MEASURES, scores, members, 0.05)
    assert np.isnan(limits.values["embedding"])
    assert limits.values["sharpness"] == usual.values["sharpness"]
    score = beside_limits(MEASURES, [0.1, 0.1, 0.1], limits)[2]
    assert not score.judged
    assert not score.drifted


def test_a_score_that_is_always_0_has_a_limit_above() -> None:
    _, members = _resamples(np.zeros((8, 3)), np.random.default_rng(1))
    limits = calibrate(MEASURES, np.zeros((120, 3)), members, 0.05)
    assert set(limits.values.values()) == {LEAST_DEVIATION}
    assert beside_limits(MEASURES, [0.0, 0.0, 0.02], limits)[2].drifted


def test_resamples_that_share_their_patients_calibrate_nothing() -> None:
    with pytest.raises(ValueError, match="no patient in common"):
        calibrate(MEASURES, np.ones((10, 3)), np.ones((10, 2), dtype=bool), 0.05)


def test_a_score_drifts_beyond_its_limit() -> None:
    limits = DriftLimits({"sharpness": 1.0, "contrast": 1.0, "embedding": 0.1}, 1, 100, 0.04)
    scores = beside_limits(MEASURES, [1.0, 1.01, 0.05], limits)
    assert [score.drifted for score in scores] == [False, True, False]
    assert [score.measure for score in scores] == list(MEASURES)


@pytest.mark.parametrize(("patients", "used"), [(1, 1), (2, 2), (3, 2), (4, 4), (9, 4)])
def test_limits_are_those_of_as_many_patients_or_the_next_fewer(patients: int, used: int) -> None:
    available = {number: DriftLimits({}, number, 100, 0.04) for number in (1, 2, 4)}
    assert limits_for(patients, available).patients == used
