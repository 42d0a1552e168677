"""Accuracy without labels, by how sure the model is."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.stats import t

Floats = npt.NDArray[np.float64]

LEAST_PATIENTS = 8  # of known accuracy, to fit a line through and to tell how far it misses
INTERVAL = 0.95
HARMFUL = 0.02  # of accuracy lost for sure: less is reported, and alarms nobody
_LEAST_SPREAD = 1e-9  # of doubts that are all the same: then they tell nothing


@dataclass(frozen=True)
class Estimator:
    """Accuracy of a patient's cells as a line in the model's mean doubt about them.

    The difference of confidences, regressed on that of accuracies over groups of cells (Guillory et
    al. 2021, ICCV, "Predicting with confidence on unseen distributions"); the groups are patients,
    so that the interval is of patients, not of cells.

    Attributes:
        doubts: [b], of the baseline's patients, as `patients.DOUBT`.
        accuracies: [b], the shares of their cells called right.
        slope: accuracy lost per doubt; not below 0.
    """

    doubts: Floats
    accuracies: Floats
    slope: float

    @classmethod
    def fit(cls, doubts: npt.ArrayLike, accuracies: npt.ArrayLike) -> Self:
        """The line of least squares."""
        x, y = np.asarray(doubts, float), np.asarray(accuracies, float)
        spread = ((x - x.mean()) ** 2).sum()
        slope = -((x - x.mean()) * y).sum() / spread if spread > _LEAST_SPREAD else 0.0
        return cls(x, y, max(float(slope), 0.0))

    def accuracy(self, doubts: npt.ArrayLike) -> Floats:
        """Estimates for patients, [n], in [0, 1]."""
        away = np.asarray(doubts, float) - self.doubts.mean()
        return np.asarray(np.clip(self.accuracies.mean() - self.slope * away, 0, 1))

    def mean(self, doubts: npt.ArrayLike) -> tuple[float, float, float]:
        """The mean accuracy of n patients, and its interval: value, low, high.

        The prediction interval of the mean of n further observations about a fitted line.
        """
        x, known = np.asarray(doubts, float), len(self.doubts)
        value = float(self.accuracy(x).mean())
        rest = self.accuracies - self.accuracy(self.doubts)
        variance = (rest**2).sum() / (known - 2)
        spread = max(((self.doubts - self.doubts.mean()) ** 2).sum(), _LEAST_SPREAD)
        leverage = (x.mean() - self.doubts.mean()) ** 2 / spread if self.slope else 0.0
        error = np.sqrt(variance * (1 / len(x) + 1 / known + leverage))
        half = float(t.ppf((1 + INTERVAL) / 2, known - 2) * error)
        return value, max(value - half, 0.0), min(value + half, 1.0)
