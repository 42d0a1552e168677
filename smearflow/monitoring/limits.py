"""Drift limits that a laboratory's own patients set.

Cells of one patient look alike, so any few patients differ from the others by much more than a
test that takes cells for independent would allow. What is usual is therefore measured: groups of
the baseline's patients are compared with the remaining ones by the very scores a window gets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smearflow.records.drift import Family, Method

Floats = npt.NDArray[np.float64]

# Distances below a hundredth are no difference anybody could see; it also keeps a score that
# hardly varies between the baseline's patients from dividing by nearly zero.
LEAST_DEVIATION = 0.01

# Of the deviation of all resamples, assumed at least for those that share no patient with one. When
# a patient from another microscope is not among them they hardly vary, and that patient alone would
# set limits several times as far away as it is itself, which no shift reaches.
LEAST_SHARE = 0.5


WASSERSTEIN: Method = "wasserstein"
JENSEN_SHANNON: Method = "jensenshannon"
MMD: Method = "mmd"


@dataclass(frozen=True)
class Measure:
    """One drift score.

    Attributes:
        group: what it looks at; the false alarms are shared out evenly between the groups.
        name: the column, or columns, compared.
        method: how.
    """

    group: Family
    name: str
    method: Method


@dataclass(frozen=True)
class DriftLimits:
    """The highest usual value of each score, and what it rests on.

    Attributes:
        values: limit per score name; NaN where there are too few cells to tell one.
        patients: patients per resampled window.
        resamples: windows compared; 0 where none could be made.
        false_alarm_rate: share of those windows that would have raised an alert, each judged by
            limits computed without its own patients.
    """

    values: dict[str, float]
    patients: int
    resamples: int
    false_alarm_rate: float


@dataclass(frozen=True)
class Score:
    """The value of a measure for one window, and its limit; NaN where too few cells tell none."""

    measure: Measure
    value: float
    limit: float

    @property
    def share(self) -> float:
        """The value as a share of its limit; NaN where it can't be judged."""
        return self.value / self.limit

    @property
    def judged(self) -> bool:
        """Whether both are known."""
        return not np.isnan(self.share)

    @property
    def drifted(self) -> bool:
        """Whether the value is beyond its limit."""
        return self.value > self.limit


def calibrate(
    measures: Sequence[Measure],
    scores: Floats,
    members: npt.NDArray[np.bool_],
    false_alarm_rate: float,
) -> DriftLimits:
    """Limits that a window of unseen patients without drift exceeds at about the given rate.

    Each limit is the mean of the resampled scores plus c of their standard deviations, one c per
    group of measures. A c taken from the same resamples would be too small, because few patients
    never show the next one's full range (with 16 patients about 25 % false alarms instead of
    5 %): each resample is standardised by those that share no patient with it, and c is the
    quantile of the largest such value in the group at the group's equal part of the rate
    (Bonferroni). No resampling shows what is rarer than one in the number of patients: with 16 of
    them, windows of a single patient still raised twice as many alarms as asked for.

    Args:
        measures: S of them.
        scores: [R, S] of resampled windows; a measure that is NaN of one of them gets no limit.
        members: [R, P], which patients were in the window.
        false_alarm_rate: of the verdict as a whole, all measures together.

    Raises:
        ValueError: hardly any two resamples have no patient in common.
    """
    names = {measure.group for measure in measures}
    known = np.asarray(np.isfinite(scores).all(axis=0))
    told = [measure for measure, finite in zip(measures, known, strict=True) if finite]
    scores = np.ascontiguousarray(scores[:, known])
    standard = _standardise_by_others(scores, members)
    groups = np.array([measure.group for measure in told])
    mean, deviation = scores.mean(axis=0), _deviation(scores)
    limits = np.empty(len(told))
    alarms = np.zeros(len(standard), dtype=bool)
    for group in dict.fromkeys(groups):
        largest = standard[:, groups == group].max(axis=1)
        c = np.quantile(largest, 1 - false_alarm_rate / len(names), method="higher")
        limits[groups == group] = (mean + c * deviation)[groups == group]
        alarms |= largest > c
    limits = np.where(limits > 0, limits, LEAST_DEVIATION)  # of a score that was 0 throughout
    values = {measure.name: float(limit) for measure, limit in zip(told, limits, strict=True)}
    return DriftLimits(
        values={measure.name: values.get(measure.name, np.nan) for measure in measures},
        patients=int(members[0].sum()),
        resamples=len(scores),
        false_alarm_rate=float(alarms.mean()),
    )


def undefined_limits(measures: Sequence[Measure], patients: int) -> DriftLimits:
    """Of windows that could not be made."""
    return DriftLimits(dict.fromkeys((each.name for each in measures), np.nan), patients, 0, 0.0)


def beside_limits(
    measures: Sequence[Measure], values: Sequence[float], limits: DriftLimits
) -> tuple[Score, ...]:
    """Each score of a window beside its limit, in the order given."""
    return tuple(
        Score(measure, float(value), limits.values[measure.name])
        for measure, value in zip(measures, values, strict=True)
    )


def limits_for(patients: int, available: Mapping[int, DriftLimits]) -> DriftLimits:
    """The limits for windows of this many patients, or of the next fewer.

    Fewer patients vary more, so this errs on the side of no alarm.

    Args:
        patients: in the window, at least 1.
        available: limits by number of patients; 1 is among them.
    """
    return available[max(number for number in available if number <= patients)]


def _standardise_by_others(scores: Floats, members: npt.NDArray[np.bool_]) -> Floats:
    shared = members.astype(int) @ members.T.astype(int)
    least = LEAST_SHARE * _deviation(scores)
    standard = [
        (scores[i] - scores[others].mean(axis=0)) / np.maximum(_deviation(scores[others]), least)
        for i, others in enumerate(shared == 0)
        if others.sum() > 1
    ]
    if not standard:
        raise ValueError("hardly any two resamples have no patient in common")
    return np.array(standard)


def _deviation(scores: Floats) -> Floats:
    return np.asarray(np.maximum(scores.std(axis=0), LEAST_DEVIATION))
