"""Least squares of a response surface, and how sure its coefficients are."""

import json
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

from smearflow.analysis.axes import Configurations, Floats
from smearflow.analysis.design import Owners
from smearflow.records.analysis.surface import Importance

IMPORTANT = 0.01  # level of the test of one parameter: one in a hundred of no effect passes
RESAMPLES = 500

_RIDGE = 1e-6  # keeps resamples solvable that all but lack a choice; it changes nothing else


def bootstrap(settings: Configurations) -> Floats:
    """The weight of each run in each resample [resamples, n]; runs of the same settings share one.

    The Bayesian bootstrap (Rubin 1981): weights are drawn instead of runs, so that no resample
    lacks a choice that only few runs made.
    """
    keys = [json.dumps(each, sort_keys=True) for each in settings]
    groups = list(dict.fromkeys(keys))
    drawn = np.random.default_rng(0).dirichlet(np.ones(len(groups)), size=RESAMPLES)
    return len(groups) * drawn[:, [groups.index(key) for key in keys]]


class Fits:
    """Weighted least squares, once per row of weights [r, n].

    Attributes:
        coefficients: [r, p].
        covariance: [r, p, p], to be multiplied by the noise.
        rest: [r], sums of squares left.
        noise: [r], variances of one run.
        spread: [r], sums of squares around the mean.
        spare: runs beyond the number of coefficients.
    """

    def __init__(self, matrix: Floats, losses: Floats, weights: Floats) -> None:
        products = np.einsum("rn,np,nq->rpq", weights, matrix, matrix, optimize=True)
        self.covariance = np.linalg.inv(products + _RIDGE * np.eye(matrix.shape[1]))
        moments = (weights * losses) @ matrix
        self.coefficients = np.einsum("rpq,rq->rp", self.covariance, moments)
        total = weights.sum(axis=1)
        left = losses - self.coefficients @ matrix.T
        self.rest = (weights * left**2).sum(axis=1)
        self.spare = max(len(losses) - matrix.shape[1], 1)
        self.noise = self.rest / self.spare
        mean = (weights @ losses) / total
        self.spread = (weights * (losses - mean[:, None]) ** 2).sum(axis=1)

    def gain(self, columns: npt.NDArray[np.intp]) -> Floats:
        """[r]: what the sum of squares left grows by without these columns."""
        own = self.coefficients[:, columns]
        block = self.covariance[:, columns[:, None], columns]
        return np.einsum("rp,rp->r", own, np.linalg.solve(block, own[:, :, None])[:, :, 0])

    def share(self, columns: npt.NDArray[np.intp]) -> Floats:
        """[r]: the gain as a share of the variance, less what noise alone would give."""
        if not len(columns):
            return np.zeros(len(self.rest))
        surplus = self.gain(columns) - len(columns) * self.noise
        return np.clip(surplus / np.maximum(self.spread, 1e-12), 0, 1)

    def p(self, columns: npt.NDArray[np.intp]) -> float:
        """Of an F test, in the first fit, that these columns have no effect."""
        noise = max(float(self.noise[0]), 1e-12)
        ratio = float(self.gain(columns)[0]) / len(columns) / noise
        return float(stats.f.sf(ratio, len(columns), self.spare))


def importances(
    varied: Sequence[str], owners: Sequence[Owners], whole: Fits, resampled: Fits
) -> list[Importance]:
    """How much each parameter accounts for, the largest share first.

    Args:
        varied: the parameters.
        owners: of the columns of both fits.
        whole: of all runs, once.
        resampled: of the bootstrap.
    """
    columns = {
        name: np.array([i for i, owner in enumerate(owners) if name in owner], dtype=np.intp)
        for name in varied
    }
    shares = np.array([resampled.share(own) for own in columns.values()])
    first = ((shares == shares.max(axis=0)) & (shares > 0)).mean(axis=1)
    bounds = np.quantile(shares, [0.025, 0.975], axis=1).T
    found = []
    for (name, own), (low, high), wins in zip(columns.items(), bounds, first, strict=True):
        share = float(whole.share(own)[0])
        found.append(
            Importance(
                name=name,
                share=share,
                low=min(share, float(low)),
                high=max(share, float(high)),
                first=float(wins),
                important=bool(len(own)) and whole.p(own) < IMPORTANT,
                tested=bool(len(own)),
            )
        )
    return sorted(found, key=lambda each: -each.share)
