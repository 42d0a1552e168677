"""A response surface of all runs: which parameters move the validation loss, and which together.

The logarithm of the validation loss is described by a polynomial of the parameters (Box and Wilson
1951), fitted by least squares: straight and squared terms of numbers on their scales, a term per
choice, and products of two parameters where the runs show that they need them; a number then also
has a curve for each value of a choice, where its best place depends on what was chosen. Runs that
diverged or did no better than guessing are left out. Where training fails is a question of its own:
one curve through loss and failure together follows the failures and misses what happens between
them.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from smearflow.analysis.axes import Axis, Configurations, Floats, axes_of
from smearflow.experiments.plan import RunRecord, varied_fields
from smearflow.model.curves import GUESSING
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

IMPORTANT = 0.01  # level of the test of one parameter: one in a hundred of no effect passes
TOGETHER = 0.05  # level of the tests of all pairs together, by Holm's correction
CURVED = 0.05  # level of the test of one curve
RESAMPLES = 500

_SPARE_RUNS = 4  # more than coefficients, or the noise is anybody's guess
_OWN_SHARE = 0.05  # of a column's length that no other column explains, or it is left out
_RIDGE = 1e-6  # keeps resamples solvable that all but lack a choice; it changes nothing else

Owners = tuple[str, ...]
"""The parameters that a column belongs to; none for the mean."""


@dataclass(frozen=True)
class Importance:
    """How much one parameter accounts for.

    Attributes:
        share: of the variance of the log validation loss, lost when all terms of the parameter,
            products included, are removed; freed of what noise alone would give.
        low, high: its 95 % interval, by bootstrap.
        first: share of the resamples in which no other parameter has a larger share.
        important: whether an F test finds it, at the level IMPORTANT.
        tested: whether the runs can tell it from the other parameters at all.
    """

    name: str
    share: float
    low: float
    high: float
    first: float
    important: bool
    tested: bool


@dataclass(frozen=True)
class Pair:
    """Two parameters varied together.

    Attributes:
        p: of no interaction, corrected for all tests of pairs.
        found: whether their product is part of the surface.
        bent: whether it is one of a number and a choice, with the number's curve for each value of
            the choice: together these may have no curve at all.
    """

    parameters: tuple[str, str]
    p: float
    found: bool
    bent: bool = False


@dataclass(frozen=True)
class Surface:
    """A fitted surface.

    Attributes:
        axes: every parameter that had several values, fields that experiments merely hold at
            different ones included.
        varied: the parameters that experiments vary.
        tested: pairs, each once, the found ones first.
        kept: of all columns, those that can be told apart.
        coefficients: [p].
        resampled: [resamples, p], of bootstrap samples of the settings.
        importances: of `varied`, the largest share first.
        noise: standard deviation of the log loss around the surface.
        explained: share of its variance.
        reference: the configuration of the run for which the surface is lowest, with the values of
            the base where a parameter has no detectable effect.
    """

    axes: tuple[Axis, ...]
    varied: tuple[str, ...]
    tested: tuple[Pair, ...]
    kept: npt.NDArray[np.bool_]
    coefficients: Floats
    resampled: Floats
    importances: tuple[Importance, ...]
    noise: float
    explained: float
    reference: dict[str, Any]

    def axis(self, name: str) -> Axis | None:
        """The axis of a parameter, if it had several values among the runs that trained."""
        return next((axis for axis in self.axes if axis.name == name), None)

    def predict(self, configurations: Configurations) -> tuple[Floats, Floats]:
        """The log validation loss [n], and as each resample has it [n, resamples]."""
        matrix = _design(self.axes, self.tested, configurations)[1][:, self.kept]
        return matrix @ self.coefficients, matrix @ self.resampled.T

    def along(self, name: str, values: Sequence[Any]) -> tuple[Floats, Floats]:
        """`predict` for values of one parameter, the others as in `reference`."""
        return self.predict([self.reference | {name: value} for value in values])


def trained(run: RunRecord) -> bool:
    """Whether a run did better than guessing."""
    loss = run["val_loss"]
    return run["status"] == "completed" and loss is not None and bool(loss < GUESSING)


def fit_surface(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Surface | None:
    """Fit the runs of all experiments together.

    Args:
        base: the configuration that the experiments start from.

    Returns:
        The surface; None if fewer runs trained than it takes to tell effects from noise.
    """
    usable = _usable(experiments, runs)
    if not usable:
        return None
    settings = [run["configuration"] for run in usable]
    losses = np.log([max(run["val_loss"], 1e-6) for run in usable])
    varied = varied_fields(experiments)
    others = [name for name in Configuration.model_fields if name not in varied]
    axes = axes_of(settings, [*varied, *others], experiments)
    for candidate in (axes, [replace(axis, curved=False) for axis in axes]):
        columns = _independent(_design(candidate, [], settings)[1]).sum()
        if len(losses) >= columns + _SPARE_RUNS and candidate:
            bent = _bent(candidate, settings, losses)
            pairs = _interactions(bent, _together(experiments, bent), settings, losses)
            surface = _fit(bent, varied, pairs, settings, losses)
            return _plainest(surface, base.model_dump(mode="json"))
    return None


def _usable(experiments: Sequence[Experiment], runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs that trained, of experiments of which more than one setting did.

    An experiment of which a single setting trained compares nothing: its runs would only say how
    far the surface is wrong in a corner that nobody else visits.
    """
    settings: dict[str, set[str]] = {}
    for run in filter(trained, runs):
        for name in run["experiments"]:
            key = json.dumps(run["configuration"], sort_keys=True)
            settings.setdefault(name, set()).add(key)
    comparing = {each.name for each in experiments if len(settings.get(each.name, ())) > 1}
    return [run for run in runs if trained(run) and comparing.intersection(run["experiments"])]


def _plainest(surface: Surface, base: dict[str, Any]) -> Surface:
    """The surface with a reference that differs from the base only where that matters."""
    indifferent = [each.name for each in surface.importances if not each.important]
    plain = {name: base[name] for name in indifferent}
    return replace(surface, reference=surface.reference | plain)


def _bent(axes: list[Axis], settings: Configurations, losses: Floats) -> list[Axis]:
    """The axes, straight ones where no curve is found on top of all others, the least sure first.

    A curve fitted to noise would put the best value anywhere.
    """
    while True:
        chances = {}
        for number, axis in enumerate(axes):
            straight = [*axes[:number], replace(axis, curved=False), *axes[number + 1 :]]
            matrix = _design(straight, [], settings)[1]
            matrix = matrix[:, _independent(matrix)]
            if axis.curved:
                chances[number] = _chance(matrix, axis.curve(settings), losses)
        least = max(chances, key=lambda number: _or_certain(chances[number]), default=None)
        if least is None or _or_certain(chances[least]) < CURVED:
            return axes
        axes = [*axes[:least], replace(axes[least], curved=False), *axes[least + 1 :]]


def _or_certain(chance: float | None) -> float:
    return 1.0 if chance is None else chance


def _design(
    axes: Sequence[Axis], pairs: Sequence[Pair], settings: Configurations
) -> tuple[list[Owners], Floats]:
    """The owners of the columns, and the columns [n, p]: mean, slopes, curves, found products."""
    by_name = {axis.name: axis for axis in axes}
    blocks: list[tuple[Owners, Floats]] = [((), np.ones((len(settings), 1)))]
    blocks += [((axis.name,), axis.slope(settings)) for axis in axes]
    blocks += [((axis.name,), axis.curve(settings)) for axis in axes]
    for pair in pairs:
        if pair.found:
            block = _products(by_name, pair.parameters, pair.bent, settings)
            blocks.append((pair.parameters, block))
    owners = [owner for owner, block in blocks for _ in range(block.shape[1])]
    return owners, np.hstack([block for _, block in blocks])


def _products(
    axes: dict[str, Axis], pair: tuple[str, str], bent: bool, settings: Configurations
) -> Floats:
    first, second = (axes[name].slope(settings) for name in pair)
    blocks = [_product(first, second)]
    if bent:
        number, choice = (second, first) if axes[pair[0]].scale == "choice" else (first, second)
        blocks += [number**2, _product(number**2, choice)]
    return np.hstack(blocks)


def _product(first: Floats, second: Floats) -> Floats:
    return (first[:, :, None] * second[:, None, :]).reshape(len(first), -1)


def _independent(matrix: Floats, given: Floats | None = None) -> npt.NDArray[np.bool_]:
    """Which columns [p] say something that those before them, and `given`, do not."""
    basis = np.empty((len(matrix), 0)) if given is None else np.linalg.qr(given)[0]
    kept = np.zeros(matrix.shape[1], dtype=bool)
    for number, column in enumerate(matrix.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)  # twice is enough (Giraud et al. 2005)
        if np.linalg.norm(rest) > _OWN_SHARE * np.linalg.norm(column):
            kept[number] = True
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return kept


def _together(experiments: Sequence[Experiment], axes: Sequence[Axis]) -> list[tuple[str, str]]:
    """Pairs that an experiment varies together; others are confounded with experiments."""
    order = [axis.name for axis in axes]
    pairs = {
        pair
        for each in experiments
        for pair in itertools.combinations(
            [name for name in order if name in each.scientific | each.nuisance], 2
        )
    }
    return sorted(pairs, key=lambda pair: (order.index(pair[0]), order.index(pair[1])))


def _interactions(
    axes: Sequence[Axis],
    pairs: Sequence[tuple[str, str]],
    settings: Configurations,
    losses: Floats,
) -> list[Pair]:
    """Test the products of each pair on top of all that is found; take in the surest, go on.

    The surest is taken while its p, multiplied by the number of tests left, is below TOGETHER
    (Holm 1979).
    """
    by_name = {axis.name: axis for axis in axes}
    matrix = _design(axes, [], settings)[1]
    matrix = matrix[:, _independent(matrix)]
    left = {
        (pair, bent): _products(by_name, pair, bent, settings)
        for pair in pairs
        for bent in ((False, True) if _is_of_choice(by_name, pair) else (False,))
    }
    found: dict[tuple[str, str], Pair] = {}
    while ranked := _ranked_pairs(left, matrix, losses):
        best = ranked[0]
        if best.p > TOGETHER:
            break
        earlier = found.get(best.parameters, best)  # bent on top of a product, perhaps
        found[best.parameters] = replace(best, found=True, p=min(best.p, earlier.p))
        block = left.pop((best.parameters, best.bent))
        matrix = np.hstack([matrix, block[:, _independent(block, matrix)]])
    others: dict[tuple[str, str], Pair] = {}
    for pair in ranked:
        if pair.parameters not in found:
            others.setdefault(pair.parameters, pair)
    return [*found.values(), *others.values()]


def _is_of_choice(axes: dict[str, Axis], pair: tuple[str, str]) -> bool:
    """Whether one of two parameters is a number, the other a choice."""
    return sum(axes[name].scale == "choice" for name in pair) == 1


def _ranked_pairs(
    products: dict[tuple[tuple[str, str], bool], Floats], matrix: Floats, losses: Floats
) -> list[Pair]:
    """The pairs whose products the runs can tell from the other columns, the surest first."""
    chances = {key: _chance(matrix, block, losses) for key, block in products.items()}
    tested = {key: chance for key, chance in chances.items() if chance is not None}
    ranked = sorted(tested, key=lambda key: tested[key])
    return [
        Pair(pair, min(1.0, tested[pair, bent] * len(tested)), False, bent) for pair, bent in ranked
    ]


def _chance(matrix: Floats, block: Floats, losses: Floats) -> float | None:
    """p of an F test of further columns; None if the runs cannot tell them from the others."""
    block = block[:, _independent(block, matrix)]
    spare = len(losses) - matrix.shape[1] - block.shape[1]
    if not block.shape[1] or spare < _SPARE_RUNS:
        return None
    without, full = (_rest(each, losses) for each in (matrix, np.hstack([matrix, block])))
    ratio = (without - full) / block.shape[1] / max(full / spare, 1e-12)
    return float(stats.f.sf(ratio, block.shape[1], spare))


def _rest(matrix: Floats, losses: Floats) -> float:
    """The sum of squares that columns leave unexplained."""
    basis = np.linalg.qr(matrix)[0]
    return float(np.sum((losses - basis @ (basis.T @ losses)) ** 2))


def _fit(
    axes: Sequence[Axis],
    varied: Sequence[str],
    pairs: Sequence[Pair],
    settings: Configurations,
    losses: Floats,
) -> Surface:
    owners, matrix = _design(axes, pairs, settings)
    kept = _independent(matrix)
    matrix = matrix[:, kept]
    owners = [owner for owner, use in zip(owners, kept, strict=True) if use]
    once = np.ones((1, len(losses)))
    weights = _bootstrap(settings)
    whole, resampled = (_Fits(matrix, losses, each) for each in (once, weights))
    fitted = matrix @ whole.coefficients[0]
    spread = float(np.sum((losses - losses.mean()) ** 2))
    return Surface(
        axes=tuple(axes),
        varied=tuple(varied),
        tested=tuple(pairs),
        kept=kept,
        coefficients=whole.coefficients[0],
        resampled=resampled.coefficients,
        importances=tuple(_importances(varied, owners, whole, resampled)),
        noise=float(np.sqrt(whole.noise[0])),
        explained=1 - float(whole.rest[0]) / spread if spread else 0.0,
        reference=settings[int(np.argmin(fitted))],
    )


def _bootstrap(settings: Configurations) -> Floats:
    """The weight of each run in each resample [resamples, n]; runs of the same settings share one.

    The Bayesian bootstrap (Rubin 1981): weights are drawn instead of runs, so that no resample
    lacks a choice that only few runs made.
    """
    keys = [json.dumps(each, sort_keys=True) for each in settings]
    groups = list(dict.fromkeys(keys))
    drawn = np.random.default_rng(0).dirichlet(np.ones(len(groups)), size=RESAMPLES)
    return len(groups) * drawn[:, [groups.index(key) for key in keys]]


class _Fits:
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


def _importances(
    varied: Sequence[str], owners: Sequence[Owners], whole: _Fits, resampled: _Fits
) -> list[Importance]:
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
