"""Share of infected cells of a patient, from cells called by a model that errs; numpy alone."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
PatientVerdict = Literal["positive", "negative", "too few cells", "cannot tell"]

LEVEL = 0.025  # of each end of an interval of 95 %
POWER = 0.95  # with which the smallest share that can be told from none is told
MANY = 10_000  # cells: what they cannot tell more of them cannot either, and all count as so many

_GRID = np.unique(np.r_[0.0, np.geomspace(1e-4, 1, 81), np.linspace(0, 1, 51)])
_FINER = 65  # points between two of the grid
_EDGE = 1e-9  # no rate is exactly 0 or 1


class Rate(Hashable, Protocol):
    """How often a model is right on a patient, over patients that it was not trained on.

    Such as `smearflow.records.operating.PatientRate`.
    """

    @property
    def mean(self) -> float:
        """Over patients."""

    @property
    def deviation(self) -> float:
        """Between patients, standard."""

    @property
    def standard_error(self) -> float:
        """Of the mean."""


class Parasitaemia(NamedTuple):
    """Share of infected cells with its interval of 95 %; NaN where the model cannot tell."""

    value: float
    low: float
    high: float


@lru_cache(maxsize=4096)
def parasitaemia(called: int, cells: int, sensitivity: Rate, specificity: Rate) -> Parasitaemia:
    """The share of a patient's cells that are infected, corrected for the model's errors.

    The estimate is that of Rogan & Gladen 1978: (apparent share + specificity - 1) /
    (sensitivity + specificity - 1), held within 0 and 1. The interval ends where so many, or so
    few, called cells become rare (Clopper & Pearson 1934). Their number is taken for beta-binomial:
    its rate varies as sensitivity and specificity do between patients, and with how well their
    means are known (the three variances of Lang & Reiczigel 2014, and that between patients).

    Args:
        called: cells that the model calls positive.
        cells: of the patient, at least 1.
        sensitivity: over patients that the model was not trained on.
        specificity: likewise.
    """
    if cells > MANY:
        called, cells = round(called * MANY / cells), MANY
    rates = (sensitivity, specificity)
    youden = sensitivity.mean + specificity.mean - 1
    if youden <= 0:
        return Parasitaemia(np.nan, 0.0, 1.0)
    value = float(np.clip((called / cells + specificity.mean - 1) / youden, 0, 1))
    low = _first(_GRID, lambda shares: _at_least(called, cells, shares, *rates) > LEVEL, 1.0)
    high = _first(_GRID[::-1], lambda shares: _at_most(called, cells, shares, *rates) > LEVEL, 0.0)
    return Parasitaemia(value, min(low, value), max(high, value))


@lru_cache(maxsize=64)
def least_told(cells: int, sensitivity: Rate, specificity: Rate) -> float | None:
    """The smallest parasitaemia that can be told from none, the limit of detection of Currie 1968.

    Args:
        cells: of a patient.

    Returns:
        A patient with it or more is called positive with a probability of POWER, one without
        parasites with one of LEVEL at most; None where even all cells infected are not enough.
    """
    rates = (sensitivity, specificity)
    beyond = _distribution(cells, np.zeros(1), *rates)[0, ::-1].cumsum()[::-1] <= LEVEL
    if not beyond.any():
        return None
    least = int(beyond.argmax())
    missed = _first(
        _GRID[::-1], lambda shares: _at_least(least, cells, shares, *rates) < POWER, 0.0
    )
    return None if missed == 1 else missed


def verdict(
    found: Parasitaemia, least: float, sensitivity: Rate, specificity: Rate
) -> PatientVerdict:
    """What the interval says of a patient.

    Args:
        least: parasitaemia that must not be missed.

    Returns:
        positive: no parasites would be a surprise; negative: so would `least`; too few cells:
        neither, but MANY would tell; cannot tell: patients differ too much for any number of cells.
    """
    if found.low > 0:
        return "positive"
    if found.high < least:
        return "negative"
    could = least_told(MANY, sensitivity, specificity)
    return "too few cells" if could is not None and could <= least else "cannot tell"


def _first(
    grid: Floats, plausible: Callable[[Floats], npt.NDArray[np.bool_]], otherwise: float
) -> float:
    """The first plausible value on the way from the grid's start, looked up finely."""
    found = plausible(grid)
    if not found.any():
        return otherwise
    at = int(found.argmax())
    if at == 0:
        return float(grid[0])
    finer = np.linspace(grid[at - 1], grid[at], _FINER)
    return float(finer[plausible(finer).argmax()])


def _at_least(
    called: int, cells: int, shares: Floats, sensitivity: Rate, specificity: Rate
) -> Floats:
    return _distribution(cells, shares, sensitivity, specificity)[:, called:].sum(axis=1)


def _at_most(
    called: int, cells: int, shares: Floats, sensitivity: Rate, specificity: Rate
) -> Floats:
    return _distribution(cells, shares, sensitivity, specificity)[:, : called + 1].sum(axis=1)


def _distribution(cells: int, shares: Floats, sensitivity: Rate, specificity: Rate) -> Floats:
    """Probability of each number of called cells, [shares, cells + 1], beta-binomial.

    By the ratio of successive terms, as numpy has no gamma function.
    """
    rate = shares * sensitivity.mean + (1 - shares) * (1 - specificity.mean)
    rate = rate.clip(_EDGE, 1 - _EDGE)
    variance = shares**2 * _variance(sensitivity) + (1 - shares) ** 2 * _variance(specificity)
    widest = rate * (1 - rate)
    pseudo = widest / variance.clip(_EDGE * widest, (1 - _EDGE) * widest) - 1
    positive, negative = (rate * pseudo)[:, None], ((1 - rate) * pseudo)[:, None]
    so_far = np.arange(cells)
    up = np.log(cells - so_far) - np.log(so_far + 1) + np.log(positive + so_far)
    down = np.log(negative + so_far[::-1])
    logs = np.concatenate([np.zeros((len(shares), 1)), (up - down).cumsum(axis=1)], axis=1)
    terms = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(terms / terms.sum(axis=1, keepdims=True))


def _variance(rate: Rate) -> float:
    """Of the rate of a patient who was never seen: between patients, and of the mean."""
    return rate.deviation**2 + rate.standard_error**2
