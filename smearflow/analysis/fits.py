"""Least squares of a response surface, and how sure its coefficients are."""

import json

import numpy as np
import numpy.typing as npt
from scipy import stats

from smearflow.analysis.axes import Configurations, Floats

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

    def p(self, columns: npt.NDArray[np.intp]) -> Floats:
        """[r]: of an F test that these columns have no effect; 1 where there are none."""
        if not len(columns):
            return np.ones(len(self.rest))
        ratio = self.gain(columns) / len(columns) / np.maximum(self.noise, 1e-12)
        return np.asarray(stats.f.sf(ratio, len(columns), self.spare))
