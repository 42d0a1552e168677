"""Which patients of a window are unlike those whose cells the model judges well."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import nct, norm

from smearflow.monitoring import estimate
from smearflow.monitoring.conformal import p_values
from smearflow.monitoring.drift import EMBEDDINGS, IMAGE_STATISTICS, PREDICTIONS, embedding_columns
from smearflow.monitoring.estimate import Estimator
from smearflow.monitoring.examples import some_of
from smearflow.records.drift import Family

LEAST_ACCURACY = 0.85  # of a patient's cells, that the model judges well
LEAST_CELLS = 20  # of a patient, that tell what the patient's cells are like
MOST_CELLS = 40  # looked at: means of few cells scatter more, and would be strange beside many
LEAST_PATIENTS = 5  # to be told what is usual
RATE = 0.05  # of patients like those judged well, that are flagged all the same, at most
CONFIDENCE = 0.95  # that it is no more, however few told what is usual
DOUBT = "doubt"  # mean probability that the nearer class is not a cell's

_LEAST_SPREAD = 1e-6  # of a quantity that is the same in all patients

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class UsualPatients:
    """The baseline's patients, as far as they have cells enough.

    Attributes:
        means: a row per patient: the columns of `patient_means`.
        accuracies: [b], the shares of their cells that the model calls right.
        statistics: names of the image statistics.
    """

    means: pd.DataFrame
    accuracies: Floats
    statistics: tuple[str, ...]

    @cached_property
    def kinds(self) -> dict[Family, list[str]]:
        """What each kind of score looks at: columns of `means`."""
        found: dict[Family, list[str]] = {
            IMAGE_STATISTICS: list(self.statistics),
            PREDICTIONS: [DOUBT],
            EMBEDDINGS: embedding_columns(self.means),
        }
        return {kind: names for kind, names in found.items() if names}

    @cached_property
    def judged_well(self) -> npt.NDArray[np.bool_]:
        """[b], those who tell what is usual: of LEAST_ACCURACY at least."""
        return self.accuracies >= LEAST_ACCURACY

    @cached_property
    def estimator(self) -> Estimator | None:
        """Of accuracy without labels; None where too few patients calibrate it."""
        if len(self.means) < estimate.LEAST_PATIENTS:
            return None
        return Estimator.fit(self.means[DOUBT], self.accuracies)

    @cached_property
    def typical(self) -> pd.Series:
        """The mean of those judged well, of each column of `means`."""
        return self.means[self.judged_well].mean()

    def of_site(self, site: str | None) -> "UsualPatients":
        """Those of one source alone, whose names begin with it; None: all."""
        if site is None:
            return self
        own = self.means.index.str.startswith(f"{site}/")
        return UsualPatients(self.means[own], self.accuracies[own], self.statistics)

    @property
    def enough(self) -> bool:
        """Whether they tell what is usual."""
        return int(self.judged_well.sum()) >= LEAST_PATIENTS

    @cached_property
    def own_scores(self) -> pd.DataFrame:
        """Scores of the baseline's patients, each by the others; a column per kind."""
        rows = [
            self._scores(self.means.iloc[[i]], np.delete(np.arange(len(self.means)), i))
            for i in range(len(self.means))
        ]
        return pd.concat(rows)

    def scores(self, means: pd.DataFrame) -> pd.DataFrame:
        """How far patients are from those judged well, a column per kind; higher is stranger."""
        return self._scores(means, np.arange(len(self.means)))

    def deviations(self, means: pd.DataFrame) -> pd.DataFrame:
        """Distances of patients' means from those of the patients judged well, in deviations."""
        return self._deviations(means, np.arange(len(self.means)))

    def valid(self, means: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Whether the model sees patients' cells as not stranger than all of the baseline's."""
        if EMBEDDINGS not in self.kinds:  # all cells are the same to the model
            return np.ones(len(means), dtype=bool)
        furthest = self.own_scores[EMBEDDINGS].max()
        return (self.scores(means)[EMBEDDINGS] <= furthest).to_numpy()

    def p_values(self, means: pd.DataFrame) -> Floats:
        """Conformal p-values of patients, by the strangest of their kinds of score."""
        return p_values(self._strangeness(means), self._usual_strangeness)

    def flagged(self, means: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Whether patients are stranger than RATE of those judged well at most are.

        The limit is one of logarithms: the largest of several scores is skewed, limits are of
        normal values.
        """
        usual = np.log1p(self._usual_strangeness.clip(min=0))
        return self._strangeness(means) > np.expm1(upper_limit(usual, RATE, CONFIDENCE))

    @cached_property
    def _usual_strangeness(self) -> Floats:
        """Of those judged well, each by the others alone: as strange as if it were new."""
        usual = self.own_scores[self.judged_well]
        return np.concatenate(
            [strangeness(usual.loc[[name]], usual.drop(name)) for name in usual.index]
        )

    def _strangeness(self, means: pd.DataFrame) -> Floats:
        return strangeness(self.scores(means), self.own_scores[self.judged_well])

    def _scores(self, means: pd.DataFrame, known: npt.NDArray[np.intp]) -> pd.DataFrame:
        away = self._deviations(means, known)
        table = {
            kind: np.sqrt((away[names] ** 2).mean(axis=1)) for kind, names in self.kinds.items()
        }
        table[PREDICTIONS] = away[DOUBT]  # surer than usual is not strange
        return pd.DataFrame(table)

    def _deviations(self, means: pd.DataFrame, known: npt.NDArray[np.intp]) -> pd.DataFrame:
        usual = self.means.iloc[known[self.judged_well[known]]]
        columns = [name for names in self.kinds.values() for name in names]
        spread = usual[columns].std().clip(lower=_LEAST_SPREAD)
        return (means[columns] - usual[columns].mean()) / spread


def usual_patients(reference: pd.DataFrame, statistics: Sequence[str]) -> UsualPatients:
    """Those of a baseline's reference cells.

    Args:
        reference: patient, right (whether the model calls the cell right), probability, the
            statistics and the embedding's components.
    """
    means = patient_means(reference, reference["patient"], statistics)
    right = reference.groupby("patient")["right"].mean()[means.index]
    return UsualPatients(means, right.to_numpy(float), tuple(statistics))


def patient_means(
    cells: pd.DataFrame, patients: pd.Series, statistics: Sequence[str]
) -> pd.DataFrame:
    """What a patient's cells are like: means of the statistics and of the embedding, and doubt.

    Of MOST_CELLS of them at most, always the same, whoever else is in the table.

    Args:
        cells: probability, the statistics and the embedding's components.
        patients: of each cell; null where nobody knows.

    Returns:
        A row per patient with at least LEAST_CELLS cells, by name.
    """
    columns = [*statistics, *embedding_columns(cells)]
    table = cells[columns].assign(
        **{DOUBT: np.minimum(cells["probability"], 1 - cells["probability"])}
    )
    grouped = table.groupby(patients.to_numpy())
    means = grouped.apply(lambda own: own.iloc[some_of(len(own), MOST_CELLS)].mean())
    return means[grouped.size() >= LEAST_CELLS]


def upper_limit(values: npt.ArrayLike, rate: float, confidence: float) -> float:
    """What no more than a share `rate` of further values is above, with a confidence.

    The one-sided tolerance limit of normal values (Hahn & Meeker 1991, "Statistical intervals",
    ch. 4): the fewer of them are known, the higher. The highest of twelve usual patients is often
    passed by more than one in thirteen of the next ones, as these twelve happened to be alike.

    Args:
        values: [b], at least two.
    """
    known = np.asarray(values, float)
    root = np.sqrt(len(known))
    factor = nct.ppf(confidence, len(known) - 1, norm.ppf(1 - rate) * root) / root
    return float(known.mean() + factor * known.std(ddof=1))


def strangeness(scores: pd.DataFrame, usual: pd.DataFrame) -> Floats:
    """One number of several kinds of score, [n]: the largest, in deviations of the usual ones."""
    spread = usual.std().clip(lower=_LEAST_SPREAD)
    return np.asarray(((scores - usual.mean()) / spread).max(axis=1), float)
