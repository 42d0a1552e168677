"""A response surface of all runs: which parameters move the validation loss, and which together.

The logarithm of the validation loss is described by a polynomial of the parameters (Box and Wilson
1951), fitted by least squares: straight and squared terms of numbers on their scales, a term per
choice, and products of two parameters where the runs show that they need them; a number then also
has a curve for each value of a choice, where its best place depends on what was chosen. Runs that
diverged or did no better than guessing are left out, those that did hardly better count hardly.
Where training fails is a question of its own: one curve through loss and failure together follows
the failures and misses what happens between them. What a parameter does is told near the good
settings of the others (`smearflow.analysis.near`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smearflow.analysis.axes import Axis, Configurations, Floats, axes_of
from smearflow.analysis.credit import credits
from smearflow.analysis.design import Pair, design, independent
from smearflow.analysis.fits import Fits, bootstrap
from smearflow.analysis.near import IMPORTANT, Flags, Local, importances, local_fits
from smearflow.analysis.terms import SPARE_RUNS, interactions, straightened, varied_together
from smearflow.experiments.plan import varied_fields
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration, Setting, Value
from smearflow.records.analysis.surface import Importance
from smearflow.records.exploration import RunRecord


@dataclass(frozen=True)
class Surface:
    """A fitted surface.

    Attributes:
        axes: every parameter that had several values, fields that experiments merely hold at
            different ones included.
        varied: the parameters that experiments vary.
        tested: pairs, each once, the found ones first.
        kept: of all columns, those that can be told apart.
        local: per parameter of `varied` the coefficients near the good settings of the others.
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
    local: Mapping[str, Local]
    importances: tuple[Importance, ...]
    noise: float
    explained: float
    reference: Setting

    def axis(self, name: str) -> Axis | None:
        """The axis of a parameter, if it had several values among the runs that trained."""
        return next((axis for axis in self.axes if axis.name == name), None)

    def number(self, name: str) -> float:
        """The value of a parameter that is a number, in `reference`."""
        value = self.reference[name]
        assert isinstance(value, int | float)
        return value

    def along(self, name: str, values: Sequence[Value]) -> tuple[Floats, Floats]:
        """The log validation loss [n], and as each resample has it [n, resamples].

        For values of one of `varied`, the others as in `reference`.
        """
        configurations = [self.reference | {name: value} for value in values]
        matrix = design(self.axes, self.tested, configurations)[1][:, self.kept]
        near = self.local[name]
        return matrix @ near.coefficients, matrix @ near.resampled.T

    def near(self, name: str, values: Sequence[Value]) -> Floats:
        """The same [n], where an effect near the good settings is let differ in any case."""
        configurations = [self.reference | {name: value} for value in values]
        matrix = design(self.axes, self.tested, configurations)[1][:, self.kept]
        return matrix @ self.local[name].widened


def fit_surface(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Surface | None:
    """Fit the runs of all experiments together.

    Args:
        base: the configuration that the experiments start from.

    Returns:
        The surface; None if fewer runs trained than it takes to tell effects from noise.
    """
    weights = credits(experiments, runs)
    usable = [run for run, weight in zip(runs, weights, strict=True) if weight > 0]
    if not usable:
        return None
    weights = weights[weights > 0]
    settings = [run.settings for run in usable]
    losses = np.log([max(loss, 1e-6) for run in usable if (loss := run.val_loss) is not None])
    varied = varied_fields(experiments)
    others = [name for name in Configuration.model_fields if name not in varied]
    axes = axes_of(settings, [*varied, *others], experiments)
    for candidate in (axes, [replace(axis, curved=False) for axis in axes]):
        columns = independent(design(candidate, [], settings)[1]).sum()
        if len(losses) >= columns + SPARE_RUNS and candidate:
            bent = straightened(candidate, settings, losses, weights)
            together = varied_together(experiments, bent)
            pairs = interactions(bent, together, settings, losses, weights)
            vary = {name: _varying(name, experiments, usable) for name in varied}
            surface = _fit(bent, pairs, settings, losses, weights, vary)
            return _plainest(surface, base.model_dump(mode="json"))
    return None


def _varying(name: str, experiments: Sequence[Experiment], runs: Sequence[RunRecord]) -> Flags:
    """Which runs [n] belong to an experiment that varies a field."""
    asking = {each.name for each in experiments if name in varied_fields([each])}
    return np.array([not asking.isdisjoint(run.experiments) for run in runs])


def _plainest(surface: Surface, base: Setting) -> Surface:
    """The surface with a reference that differs from the base only where that matters."""
    indifferent = [each.name for each in surface.importances if each.p >= IMPORTANT]
    plain = {name: base[name] for name in indifferent}
    return replace(surface, reference=surface.reference | plain)


def _fit(
    axes: Sequence[Axis],
    pairs: Sequence[Pair],
    settings: Configurations,
    losses: Floats,
    weights: Floats,
    vary: Mapping[str, Flags],
) -> Surface:
    owners, matrix = design(axes, pairs, settings)
    kept = independent(np.sqrt(weights)[:, None] * matrix)
    matrix = matrix[:, kept]
    owners = [owner for owner, use in zip(owners, kept, strict=True) if use]
    drawn = weights * bootstrap(settings)
    whole = Fits(matrix, losses, weights[None])
    local = local_fits(owners, matrix, losses, (weights, drawn), vary)
    fitted = matrix @ whole.coefficients[0]
    spread = float(whole.spread[0])
    return Surface(
        axes=tuple(axes),
        varied=tuple(vary),
        tested=tuple(pairs),
        kept=kept,
        local=local,
        importances=tuple(importances(local)),
        noise=float(np.sqrt(whole.noise[0])),
        explained=1 - float(whole.rest[0]) / spread if spread else 0.0,
        reference=dict(settings[int(np.argmin(fitted))]),
    )
