"""A response surface of all runs: which parameters move the validation loss, and which together.

The logarithm of the validation loss is described by a polynomial of the parameters (Box and Wilson
1951), fitted by least squares: straight and squared terms of numbers on their scales, a term per
choice, and products of two parameters where the runs show that they need them; a number then also
has a curve for each value of a choice, where its best place depends on what was chosen. Runs that
diverged or did no better than guessing are left out. Where training fails is a question of its own:
one curve through loss and failure together follows the failures and misses what happens between
them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from smearflow.analysis.axes import Axis, Configurations, Floats, axes_of
from smearflow.analysis.design import Pair, design, independent
from smearflow.analysis.fits import Fits, bootstrap, importances
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
    reference: Setting

    def axis(self, name: str) -> Axis | None:
        """The axis of a parameter, if it had several values among the runs that trained."""
        return next((axis for axis in self.axes if axis.name == name), None)

    def number(self, name: str) -> float:
        """The value of a parameter that is a number, in `reference`."""
        value = self.reference[name]
        assert isinstance(value, int | float)
        return value

    def predict(self, configurations: Configurations) -> tuple[Floats, Floats]:
        """The log validation loss [n], and as each resample has it [n, resamples]."""
        matrix = design(self.axes, self.tested, configurations)[1][:, self.kept]
        return matrix @ self.coefficients, matrix @ self.resampled.T

    def along(self, name: str, values: Sequence[Value]) -> tuple[Floats, Floats]:
        """`predict` for values of one parameter, the others as in `reference`."""
        return self.predict([self.reference | {name: value} for value in values])


def learned(run: RunRecord) -> bool:
    """Whether a run did better than guessing."""
    loss = run.val_loss
    return run.status == "completed" and loss is not None and loss < run.guessing.validation


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
    settings = [run.settings for run in usable]
    losses = np.log([max(loss, 1e-6) for run in usable if (loss := run.val_loss) is not None])
    varied = varied_fields(experiments)
    others = [name for name in Configuration.model_fields if name not in varied]
    axes = axes_of(settings, [*varied, *others], experiments)
    for candidate in (axes, [replace(axis, curved=False) for axis in axes]):
        columns = independent(design(candidate, [], settings)[1]).sum()
        if len(losses) >= columns + SPARE_RUNS and candidate:
            bent = straightened(candidate, settings, losses)
            pairs = interactions(bent, varied_together(experiments, bent), settings, losses)
            surface = _fit(bent, varied, pairs, settings, losses)
            return _plainest(surface, base.model_dump(mode="json"))
    return None


def _usable(experiments: Sequence[Experiment], runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The runs that trained, of experiments of which more than one setting did.

    An experiment of which a single setting trained compares nothing: its runs would only say how
    far the surface is wrong in a corner that nobody else visits.
    """
    settings: dict[str, set[str]] = {}
    for run in filter(learned, runs):
        for name in run.experiments:
            key = json.dumps(run.settings, sort_keys=True)
            settings.setdefault(name, set()).add(key)
    comparing = {each.name for each in experiments if len(settings.get(each.name, ())) > 1}
    return [run for run in runs if learned(run) and comparing.intersection(run.experiments)]


def _plainest(surface: Surface, base: Setting) -> Surface:
    """The surface with a reference that differs from the base only where that matters."""
    indifferent = [each.name for each in surface.importances if not each.important]
    plain = {name: base[name] for name in indifferent}
    return replace(surface, reference=surface.reference | plain)


def _fit(
    axes: Sequence[Axis],
    varied: Sequence[str],
    pairs: Sequence[Pair],
    settings: Configurations,
    losses: Floats,
) -> Surface:
    owners, matrix = design(axes, pairs, settings)
    kept = independent(matrix)
    matrix = matrix[:, kept]
    owners = [owner for owner, use in zip(owners, kept, strict=True) if use]
    once = np.ones((1, len(losses)))
    weights = bootstrap(settings)
    whole, resampled = (Fits(matrix, losses, each) for each in (once, weights))
    fitted = matrix @ whole.coefficients[0]
    spread = float(np.sum((losses - losses.mean()) ** 2))
    return Surface(
        axes=tuple(axes),
        varied=tuple(varied),
        tested=tuple(pairs),
        kept=kept,
        coefficients=whole.coefficients[0],
        resampled=resampled.coefficients,
        importances=tuple(importances(varied, owners, whole, resampled)),
        noise=float(np.sqrt(whole.noise[0])),
        explained=1 - float(whole.rest[0]) / spread if spread else 0.0,
        reference=dict(settings[int(np.argmin(fitted))]),
    )
