"""All pictures of an exploration."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from smearflow.records.exploration import Landmarks, RunRecord
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.pictures.axes import plot_axes
from smearflow.report.pictures.curves import plot_gradients, plot_runs
from smearflow.report.pictures.importance import plot_importance, plot_interactions
from smearflow.report.pictures.isolation import plot_isolation
from smearflow.report.pictures.weights import plot_weights

_NAMES = {"best": "The best run", "wildest": "The run with the largest gradients"}


def draw_exploration(folder: Path, found: Exploration, histograms: Mapping[str, Landmarks]) -> None:
    """Draw an exploration into a folder, as PNG files whose names start with what they show.

    curves_<experiment>, isolation_<experiment> (of those that compare alternatives), gradients,
    weights_best, weights_wildest; axes, importance and interactions where the runs were enough to
    answer those questions.

    Args:
        found: with at least one run; others may be missing.
        histograms: of every run, by its id.
    """
    experiments, runs, analysis = found.asked.experiments, found.runs, found.analysis
    for experiment in experiments:
        if own := [run for run in runs if experiment.name in run.experiments]:
            path = folder / f"curves_{experiment.name}.png"
            question = found.asked.words[experiment.name].question
            plot_runs(question, experiment, own, analysis.labels, path)
    for comparison in analysis.comparisons:
        name = comparison.name
        plot_isolation(
            found.asked.words[name].question, comparison, runs, folder / f"isolation_{name}.png"
        )
    if bounds := analysis.bounds.parameters:
        plot_axes(experiments, runs, bounds, folder / "axes.png")
    if analysis.importance.parameters:
        matters = [each.name for each in analysis.verdicts if each.has_effect]
        plot_importance(analysis.importance, matters, folder / "importance.png")
    if analysis.interactions.pairs:
        plot_interactions(analysis.interactions, folder / "interactions.png")
    plot_gradients(runs, analysis.labels, folder / "gradients.png")
    for name, run in _telling(runs).items():
        plot_weights(run, histograms[run.id], _NAMES[name], folder / f"weights_{name}.png")


def _telling(runs: Sequence[RunRecord]) -> dict[str, RunRecord]:
    """Runs of the whole network whose weights are worth a look: the best, and the wildest.

    Where every run was of a head alone, the best of those.
    """
    whole = [run for run in runs if "first kernel" in run.weight_change] or list(runs)
    completed = [run for run in whole if run.status == "completed"]
    found = {}
    if completed:
        found["best"] = min(completed, key=lambda run: run.loss)
    found["wildest"] = max(whole, key=_wildness)
    return found


def _wildness(run: RunRecord) -> float:
    """The largest gradient norm; none is larger than one that is not finite."""
    norms = run.curve["gradient_norm"]
    return max(float("inf") if norm is None else norm for norm in norms)
