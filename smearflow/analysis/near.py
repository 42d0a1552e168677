"""What a parameter does near the good settings of the others, where the search will look.

A surface averages an effect over all that was tried, learning rates that are far too high included.
So each parameter's effect may differ with how good the rest of a setting is: by the products of its
columns with the height that the surface has without the parameter (Tukey 1949, one degree of
freedom for non-additivity, here for each of its columns). They are centred on the best of the runs
that vary it, so that its own columns are its effect there. Where the runs show that they need
these products, they tell; where not, the average does, unless the products would turn its sign.
PED-ANOVA (Watanabe et al. 2023) asks the same question of the best quantile alone;
benchmarks/near.py has both side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smearflow.analysis.axes import Floats
from smearflow.analysis.design import Owners, independent
from smearflow.analysis.fits import Fits
from smearflow.analysis.terms import SPARE_RUNS
from smearflow.records.analysis.surface import Importance

IMPORTANT = 0.01  # level of the test of one parameter: one in a hundred of no effect passes
DIFFERS = 0.05  # level of the tests of all parameters that an effect is another one there

_GOOD = 0.25  # share of the runs that vary a parameter which are near the good settings

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Local:
    """A surface as it is near the good settings of all parameters but one.

    Attributes:
        coefficients: [p], of the surface's columns.
        resampled: [resamples, p].
        widened: [p], with the products, whether they are needed or not.
        p: of an F test that the parameter has no effect there; 1 where it has no columns.
        left_out: [n], the same without one of the runs.
        share: of the variance, as `Fits.share` has it, of all that the parameter does.
        resampled_share: [resamples].
        tested: whether the runs can tell the parameter from the others.
        differs: whether its effect near the good settings is found to be another one.
    """

    coefficients: Floats
    resampled: Floats
    widened: Floats
    p: float
    left_out: Floats
    share: float
    resampled_share: Floats
    tested: bool
    differs: bool


def local_fits(
    owners: Sequence[Owners],
    matrix: Floats,
    losses: Floats,
    weights: tuple[Floats, Floats],
    vary: Mapping[str, Flags],
) -> dict[str, Local]:
    """A fit for each parameter.

    Args:
        owners: of the columns of the surface.
        matrix: [n, p].
        losses: [n], logarithms.
        weights: [n] of the runs, and [resamples, n] of the bootstrap.
        vary: per parameter which runs [n] belong to experiments that vary it.
    """
    once, drawn = weights
    kinds = (once[None], drawn, _left_out(once))
    plain = [Fits(matrix, losses, each) for each in kinds]
    found = {}
    for name, varying in vary.items():
        own = np.array([i for i, owner in enumerate(owners) if name in owner], dtype=np.intp)
        near = _products(owners, matrix, plain[0].coefficients[0], name, once, varying)
        added = matrix.shape[1] + np.arange(near.shape[1])
        wide = np.hstack([matrix, near])
        widened = Fits(wide, losses, once[None])
        differs = float(widened.p(added)[0]) < DIFFERS / len(vary)
        fits = [Fits(wide, losses, each) for each in kinds] if differs else plain
        all_own = np.concatenate([own, added]) if differs else own
        found[name] = Local(
            coefficients=fits[0].coefficients[0, : matrix.shape[1]],
            resampled=fits[1].coefficients[:, : matrix.shape[1]],
            widened=widened.coefficients[0, : matrix.shape[1]],
            p=float(fits[0].p(own)[0]),
            left_out=fits[2].p(own),
            share=float(fits[0].share(all_own)[0]),
            resampled_share=fits[1].share(all_own),
            tested=bool(len(own)),
            differs=differs,
        )
    return found


def _left_out(weights: Floats) -> Floats:
    """[n, n]: the weights, in each row without one of the runs."""
    return weights * (1 - np.eye(len(weights)))


def _products(
    owners: Sequence[Owners],
    matrix: Floats,
    coefficients: Floats,
    name: str,
    weights: Floats,
    varying: Flags,
) -> Floats:
    """The products [n, k] of a parameter's slopes with the height of the rest, centred.

    None, [n, 0], where the runs are too few for more columns, or can't tell these.
    """
    rest = np.array([name not in owner for owner in owners])
    slopes = [i for i, owner in enumerate(owners) if owner == (name,)]
    tried = np.flatnonzero(varying & (weights > 0))
    if not slopes or not len(tried):
        return matrix[:, :0]
    heights = matrix[:, rest] @ coefficients[rest]
    best = np.sort(heights[tried])[: max(1, round(_GOOD * len(tried)))]
    products = matrix[:, slopes] * (heights - best.mean())[:, None]
    root = np.sqrt(weights)[:, None]
    products = products[:, independent(root * products, root * matrix)]
    enough = len(matrix) >= matrix.shape[1] + products.shape[1] + SPARE_RUNS
    return products if enough else matrix[:, :0]


def importances(local: Mapping[str, Local]) -> list[Importance]:
    """How much each parameter accounts for, the largest share first."""
    shares = np.array([each.resampled_share for each in local.values()])
    first = ((shares == shares.max(axis=0)) & (shares > 0)).mean(axis=1)
    bounds = np.quantile(shares, [0.025, 0.975], axis=1).T
    found = [
        Importance(
            name=name,
            share=each.share,
            low=min(each.share, float(low)),
            high=max(each.share, float(high)),
            first=float(wins),
            p=each.p,
            differs=each.differs,
        )
        for (name, each), (low, high), wins in zip(local.items(), bounds, first, strict=True)
    ]
    return sorted(found, key=lambda each: -each.share)
