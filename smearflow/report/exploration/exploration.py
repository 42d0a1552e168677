"""What an exploration left in the folder of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from smearflow.params.explore import Explore
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.narrowing import Narrowing
from smearflow.records.exploration import RunRecord, Runs
from smearflow.report.results import read_json


@dataclass(frozen=True)
class Exploration:
    """An exploration that was analysed.

    Attributes:
        asked: the experiments, and the words for them.
        runs: those that the analysis is of.
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
    runs = Runs.read_if_there(root)
    analysis = Analysis.read_if_there(root)
    narrowing = Narrowing.read_if_there(root)
    if runs is None or analysis is None or narrowing is None:
        return None
    seconds = read_json(root, "reports/explore/run_seconds.json") or {}
    return Exploration(asked, runs.runs, analysis, narrowing, seconds)
