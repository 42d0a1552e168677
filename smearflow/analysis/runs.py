"""What the runs of an exploration say to its seven questions, in numbers and labels."""

from collections.abc import Sequence

from smearflow.analysis.bounds import good_choices, good_intervals
from smearflow.analysis.comparison import compare_alternatives
from smearflow.analysis.conclusions import conclude, fit_surfaces
from smearflow.analysis.convergence import convergence
from smearflow.analysis.credit import learned
from smearflow.analysis.gradients import gradients
from smearflow.analysis.overfitting import overfitting
from smearflow.analysis.removal import removals
from smearflow.analysis.response import Surface
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
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    base: Configuration,
    final_epochs: int,
) -> Analysis:
    """What the runs say; some may be missing.

    Args:
        base: the configuration that the experiments start from.
        final_epochs: of the final training.

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
    surfaces = fit_surfaces(experiments, runs, base, final_epochs)
    comparisons = [
        compare_alternatives(each, runs, base) for each in experiments if alternatives(each)
    ]
    verdicts = conclude(experiments, comparisons, surfaces, base)
    return Analysis(
        runs=len(runs),
        planned=len(plan_runs(experiments, base)),
        diverged=diverged,
        labels=labels,
        failed=_failures(runs),
        final_epochs=final_epochs,
        modelled=surfaces.whole is not None,
        comparisons=tuple(comparisons),
        importance=_importances(surfaces.whole),
        interactions=_interactions(surfaces.whole),
        bounds=GoodValues(
            parameters=tuple(good_intervals(experiments, runs, surfaces, verdicts)),
            choices=tuple(good_choices(surfaces, verdicts)),
        ),
        removable=Removals(rows=tuple(removals(experiments, comparisons, runs, verdicts))),
        overfitting=overfitting(runs, labels, surfaces, verdicts),
        gradients=gradients(experiments, runs, labels, base),
        convergence=convergence(experiments, runs, base),
        verdicts=verdicts,
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
