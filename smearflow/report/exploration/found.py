"""What an exploration left in the folder of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smearflow.analysis.narrowing import Narrowing
from smearflow.analysis.runs import Analysis
from smearflow.experiments.plan import RunRecord
from smearflow.params.explore import Explore
from smearflow.report.results import read_json


@dataclass(frozen=True)
class Exploration:
    """An exploration that was analysed.

    Attributes:
        asked: the experiments, and the words for them.
        runs: as the stage explore writes them.
        seconds: that a run took, by its id; of some runs, or none.
    """

    asked: Explore
    runs: Sequence[RunRecord]
    analysis: Analysis
    narrowing: Narrowing
    seconds: Mapping[str, float] = field(default_factory=dict)


def read_exploration(root: Path, asked: Explore) -> Exploration | None:
    """The exploration of a run; None where its stages have not ended.

    Args:
        root: folder of the run, with outputs/ and reports/.
        asked: the section of its settings.
    """
    runs = read_json(root, "outputs/explore/runs.json")
    analysis = read_json(root, "outputs/analyse/analysis.json")
    narrowing = read_json(root, "outputs/analyse/narrowing.json")
    if runs is None or analysis is None or narrowing is None:
        return None
    seconds = read_json(root, "reports/explore/run_seconds.json") or {}
    return Exploration(asked, runs, analysis, narrowing, seconds)
