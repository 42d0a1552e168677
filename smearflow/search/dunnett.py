"""Several settings against one, where each was run once in every fold.

What a fold does to all of them, some patients being harder than others, is taken out first, as by
blocks of a field trial (Fisher 1935); then all are compared with the one together (Dunnett 1955).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

_NOTHING = 1e-9  # nats per cell, no spread that a loss could have


@dataclass(frozen=True)
class Comparison:
    """Of settings with a control.

    Attributes:
        t: how far each setting's mean is from the control's, in standard errors [m].
        error: standard error of such a difference, nats per cell.
        freedom: degrees of freedom of it.
    """

    t: npt.NDArray[np.float64]
    error: float
    freedom: int

    @classmethod
    def of(cls, control: Sequence[float], settings: Sequence[Sequence[float]]) -> Self | None:
        """Compare losses by fold.

        Returns:
            None where nothing is to be compared, or the folds do not tell of a spread.
        """
        losses = np.array([control, *settings], float)
        rows, folds = losses.shape
        if rows < 2 or folds < 2:
            return None
        means = losses.mean(axis=1)
        left = losses - means[:, None] - losses.mean(axis=0) + losses.mean()
        freedom = (rows - 1) * (folds - 1)
        spread = float(np.sqrt((left**2).sum() / freedom))
        if spread < _NOTHING:
            return None
        error = spread * np.sqrt(2 / folds)
        return cls((means[1:] - means[0]) / error, float(error), freedom)

    def chance(self, setting: int) -> float:
        """Probability that any setting lies so far from the control, were none different."""
        return self._beyond(abs(float(self.t[setting])))

    def margin(self, confidence: float) -> float:
        """Half of the width of all settings' intervals, which hold together, nats per cell."""

        def miss(t: float) -> float:
            return self._beyond(t) - (1 - confidence)

        # no wider than by Bonferroni, no narrower than of a single comparison
        level = (1 - confidence) / 2
        single, bonferroni = stats.t.isf([level, level / len(self.t)], self.freedom)
        if len(self.t) == 1:
            return float(single) * self.error
        return float(optimize.brentq(miss, 0.99 * single, 1.01 * bonferroni)) * self.error

    def _beyond(self, t: float) -> float:
        """Chance that the largest of the |t| is beyond one; any two share the control's half."""
        count = len(self.t)
        together = stats.multivariate_t(
            shape=np.full((count, count), 0.5) + 0.5 * np.eye(count), df=self.freedom
        )
        inside = together.cdf(np.full(count, t), lower_limit=np.full(count, -t), random_state=0)
        return 1 - float(inside)
