"""What an exploration left in the folder of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smearflow.analysis.narrowing import Narrowing
from smearflow.analysis.runs import Analysis
from smearflow.experiments.plan import RunRecord
from smearflow.params.explore import Experiment
from smearflow.report.results import read_json


@dataclass(frozen=True)
class Exploration:
    """An exploration that was analysed.

    Attributes:
        experiments: in order.
        runs: as the stage explore writes them.
        seconds: that a run took, by its id; of some runs, or none.
    """

    experiments: Sequence[Experiment]
    runs: Sequence[RunRecord]
    analysis: Analysis
    narrowing: Narrowing
    seconds: Mapping[str, float] = field(default_factory=dict)


def read_exploration(root: Path, experiments: Sequence[Experiment]) -> Exploration | None:
    """The exploration of a run; None where its stages have not ended.

    Args:
        root: folder of the run, with outputs/ and reports/.
        experiments: those of its settings.
    """
    runs = read_json(root, "outputs/explore/runs.json")
    analysis = read_json(root, "outputs/analyse/analysis.json")
    narrowing = read_json(root, "outputs/analyse/narrowing.json")
    if runs is None or analysis is None or narrowing is None:
        return None
    seconds = read_json(root, "reports/explore/run_seconds.json") or {}
    return Exploration(experiments, runs, analysis, narrowing, seconds)
