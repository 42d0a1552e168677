"""How much a run says about settings that work: all, or the less the nearer it is to guessing."""

import json
from collections.abc import Sequence

import numpy as np

from smearflow.analysis.axes import Floats
from smearflow.params.explore import Experiment
from smearflow.records.exploration import RunRecord

_MARGIN = 0.1  # below the loss of a guess, as a share of it, from where on a run counts in full


def credit(run: RunRecord) -> float:
    """From 0, of a run that diverged or did no better than guessing, to 1.

    There is no step in between: whether a run that learned next to nothing ended at 0.6903 or at
    0.6931 is chance, and nothing may hang on it.
    """
    loss, guess = run.val_loss, run.guessing.validation
    if run.status != "completed" or loss is None:
        return 0.0
    return min(max((guess - loss) / (_MARGIN * guess), 0.0), 1.0)


def learned(run: RunRecord) -> bool:
    """Whether a run did better than guessing."""
    return credit(run) > 0


def trained(run: RunRecord) -> bool:
    """Whether it did so by more than chance gives."""
    return credit(run) >= 0.5


def credits(experiments: Sequence[Experiment], runs: Sequence[RunRecord]) -> Floats:
    """The weight of each run [n] in a surface.

    An experiment of which a single setting trained compares nothing: its runs would only say how
    far the surface is wrong in a corner that nobody else visits. So each counts no more than the
    second best setting of an experiment that it belongs to.
    """
    asked = {each.name for each in experiments}
    best: dict[str, dict[str, float]] = {name: {} for name in asked}
    for run in runs:
        key = json.dumps(run.settings, sort_keys=True)
        for name in asked.intersection(run.experiments):
            best[name][key] = max(best[name].get(key, 0.0), credit(run))
    second = {name: sorted([0.0, 0.0, *found.values()])[-2] for name, found in best.items()}
    found = []
    for run in runs:
        names = asked.intersection(run.experiments)
        found.append(credit(run) * max((second[name] for name in names), default=0.0))
    return np.array(found)
