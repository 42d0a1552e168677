"""Pictures of explorations and searches."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from smearflow.params import Experiment
from smearflow.search.answers import Answers
from smearflow.search.comparison import RunRecord
from smearflow.search.pictures.axes import plot_axes
from smearflow.search.pictures.curves import plot_gradients, plot_runs
from smearflow.search.pictures.importance import plot_importance, plot_interactions
from smearflow.search.pictures.isolation import plot_isolation
from smearflow.search.pictures.parallel import write_parallel
from smearflow.search.pictures.trials import plot_trials
from smearflow.search.pictures.weights import Histograms, plot_weights

__all__ = ["draw", "plot_trials", "write_parallel"]

_NAMES = {"best": "The best run", "wildest": "The run with the largest gradients"}


def draw(
    folder: Path,
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    answers: Answers,
    histograms: Mapping[str, Histograms],
) -> None:
    """Draw an exploration into a folder, as PNG files whose names start with what they show.

    curves_<experiment>, isolation_<experiment> (of those that compare alternatives), gradients,
    weights_best, weights_wildest; axes, importance and interactions where the runs were enough to
    answer those questions.

    Args:
        runs: at least one; others may be missing.
        histograms: of every run, by its id.
    """
    for experiment in experiments:
        if own := [run for run in runs if experiment.name in run["experiments"]]:
            plot_runs(experiment, own, answers["labels"], folder / f"curves_{experiment.name}.png")
    for comparison in answers["comparisons"]:
        plot_isolation(comparison, runs, folder / f"isolation_{comparison['name']}.png")
    if bounds := answers["bounds"]["parameters"]:
        plot_axes(experiments, runs, bounds, folder / "axes.png")
    if answers["importance"]["parameters"]:
        plot_importance(answers["importance"], folder / "importance.png")
    if answers["interactions"]["pairs"]:
        plot_interactions(answers["interactions"], folder / "interactions.png")
    plot_gradients(runs, answers["labels"], folder / "gradients.png")
    for name, run in _telling(runs).items():
        plot_weights(run, histograms[run["id"]], _NAMES[name], folder / f"weights_{name}.png")


def _telling(runs: Sequence[RunRecord]) -> dict[str, RunRecord]:
    """Runs of the whole network whose weights are worth a look: the best, and the wildest.

    Where every run was of a head alone, the best of those.
    """
    whole = [run for run in runs if "first kernel" in run["weight_change"]] or list(runs)
    completed = [run for run in whole if run["status"] == "completed"]
    found = {}
    if completed:
        found["best"] = min(completed, key=lambda run: run["val_loss"])
    found["wildest"] = max(whole, key=_wildness)
    return found


def _wildness(run: RunRecord) -> float:
    """The largest gradient norm; none is larger than one that is not finite."""
    norms = run["curve"]["gradient_norm"]
    return max(float("inf") if norm is None else norm for norm in norms)
