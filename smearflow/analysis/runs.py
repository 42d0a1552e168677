"""What the runs of an exploration say to its seven questions, in numbers and labels."""

from collections.abc import Sequence
from typing import Any

from smearflow.analysis.bounds import choice_rows, numeric_rows
from smearflow.analysis.comparison import compare
from smearflow.analysis.convergence import convergence
from smearflow.analysis.gradients import gradients
from smearflow.analysis.overfitting import overfitting
from smearflow.analysis.removal import removals
from smearflow.analysis.response import Surface, fit_surface, trained
from smearflow.experiments.plan import RunRecord, alternatives, plan_runs
from smearflow.ground.errors import SmearflowError
from smearflow.model.curves import diagnose
from smearflow.params.explore import Experiment
from smearflow.params.model import Configuration

Analysis = dict[str, Any]
"""JSON-able; see `analyse_runs`."""


def analyse_runs(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], base: Configuration
) -> Analysis:
    """What the runs say; some may be missing.

    Args:
        base: the configuration that the experiments start from.

    Returns:
        runs, planned and diverged (numbers of runs), labels (of the curve of each run's id),
        failed (runs: how many the surface leaves out, which diverged or did no better than
        guessing; lowest_rate: at which the first of them diverged, null if none did), modelled
        (whether enough runs trained for a surface), comparisons (of `compare`, one per experiment
        that compares alternatives), and a dictionary for each of importance, interactions, bounds,
        removable, overfitting, gradients and convergence.

    Raises:
        SmearflowError: there is no run, or all diverged.
    """
    diverged = sum(run["status"] == "diverged" for run in runs)
    if diverged == len(runs):
        raise SmearflowError(
            f"all {len(runs)} runs of the exploration diverged" if runs else "no run was explored",
            "lower the learning rates in explore.experiments",
        )
    labels = {run["id"]: diagnose(run["curve"]) for run in runs}
    surface = fit_surface(experiments, runs, base)
    comparisons = [compare(each, runs, base) for each in experiments if alternatives(each)]
    return {
        "runs": len(runs),
        "planned": len(plan_runs(experiments, base)),
        "diverged": diverged,
        "labels": labels,
        "failed": _failed(runs),
        "modelled": surface is not None,
        "comparisons": comparisons,
        "importance": _importance(surface),
        "interactions": _interactions(surface),
        "bounds": _bounds(experiments, runs, surface),
        "removable": {"rows": removals(experiments, comparisons, runs, surface)},
        "overfitting": overfitting(runs, labels, surface),
        "gradients": gradients(experiments, runs, labels, base),
        "convergence": convergence(experiments, runs, base),
    }


def _failed(runs: Sequence[RunRecord]) -> dict[str, Any]:
    failed = [run for run in runs if not trained(run)]
    rates = [run["configuration"]["learning_rate"] for run in failed if run["status"] == "diverged"]
    return {"runs": len(failed), "lowest_rate": min(rates, default=None)}


def _importance(surface: Surface | None) -> dict[str, Any]:
    return {
        "parameters": [] if surface is None else [vars(each) for each in surface.importances],
        "noise": None if surface is None else surface.noise,
        "explained": None if surface is None else surface.explained,
    }


def _interactions(surface: Surface | None) -> dict[str, Any]:
    pairs = [] if surface is None else surface.tested
    return {
        "pairs": [
            {"parameters": list(pair.parameters), "p": pair.p, "found": pair.found}
            for pair in pairs
        ]
    }


def _bounds(
    experiments: Sequence[Experiment], runs: Sequence[RunRecord], surface: Surface | None
) -> dict[str, Any]:
    return {
        "parameters": [] if surface is None else numeric_rows(experiments, runs, surface),
        "choices": [] if surface is None else choice_rows(surface),
    }
