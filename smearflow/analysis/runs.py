"""What the runs of an exploration say to its seven questions, in numbers and labels."""

from collections.abc import Sequence

from smearflow.analysis.bounds import good_choices, good_intervals
from smearflow.analysis.comparison import compare_alternatives
from smearflow.analysis.convergence import convergence
from smearflow.analysis.gradients import gradients
from smearflow.analysis.overfitting import overfitting
from smearflow.analysis.removal import removals
from smearflow.analysis.response import Surface, fit_surface, learned
from smearflow.experiments.plan import alternatives, plan_runs
from smearflow.ground.errors import SmearflowError
from smearflow.model.curves import diagnose
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration
from smearflow.records.analysis.analysis import Analysis, Failures, Removals
from smearflow.records.analysis.surface import (
    GoodValues,
    Importances,
    Interaction,
    Interactions,
)
from smearflow.records.exploration import RunRecord


def analyse_runs(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Analysis:
    """What the runs say; some may be missing.

    Args:
        base: the configuration that the experiments start from.

    Raises:
        SmearflowError: there is no run, or all diverged.
    """
    diverged = sum(run.status == "diverged" for run in runs)
    if diverged == len(runs):
        raise SmearflowError(
            f"all {len(runs)} runs of the exploration diverged" if runs else "no run was explored",
            "lower the learning rates in explore.experiments",
        )
    labels = {run.id: diagnose(run.curve, run.guessing.train) for run in runs}
    surface = fit_surface(experiments, runs, base)
    comparisons = [
        compare_alternatives(each, runs, base) for each in experiments if alternatives(each)
    ]
    return Analysis(
        runs=len(runs),
        planned=len(plan_runs(experiments, base)),
        diverged=diverged,
        labels=labels,
        failed=_failures(runs),
        modelled=surface is not None,
        comparisons=tuple(comparisons),
        importance=_importances(surface),
        interactions=_interactions(surface),
        bounds=_good_values(experiments, runs, surface),
        removable=Removals(rows=tuple(removals(experiments, comparisons, runs, surface))),
        overfitting=overfitting(runs, labels, surface),
        gradients=gradients(experiments, runs, labels, base),
        convergence=convergence(experiments, runs, base),
    )


def _failures(runs: Sequence[RunRecord]) -> Failures:
    failed = [run for run in runs if not learned(run)]
    rates = [run.configuration.learning_rate for run in failed if run.status == "diverged"]
    return Failures(runs=len(failed), lowest_rate=min(rates, default=None))


def _importances(surface: Surface | None) -> Importances:
    if surface is None:
        return Importances()
    return Importances(
        parameters=surface.importances, noise=surface.noise, explained=surface.explained
    )


def _interactions(surface: Surface | None) -> Interactions:
    pairs = () if surface is None else surface.tested
    return Interactions(
        pairs=tuple(
            Interaction(parameters=pair.parameters, p=pair.p, found=pair.found) for pair in pairs
        )
    )


def _good_values(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], surface: Surface | None
) -> GoodValues:
    if surface is None:
        return GoodValues()
    return GoodValues(
        parameters=tuple(good_intervals(experiments, runs, surface)),
        choices=tuple(good_choices(surface)),
    )
