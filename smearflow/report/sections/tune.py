"""The trials of the search."""

import json
from collections.abc import Sequence
from pathlib import Path

from smearflow.params.model import Setting
from smearflow.records.search.best import Best
from smearflow.records.search.trials import Trials
from smearflow.report.elements import Section, Table
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.text import number, settings


def tune_section(root: Path, pictures: Path) -> Section | None:
    """The trials of the Bayesian search, best first."""
    found, best = Trials.read_if_there(root), Best.read_if_there(root)
    if found is None or best is None:
        return None
    trials = found.trials
    searched = sorted(_varying([trial.configuration.model_dump() for trial in trials]))
    ranked = sorted(trials, key=lambda trial: trial.loss)
    rows = [
        (
            trial.trial_id,
            trial.status.lower(),
            settings({name: getattr(trial.configuration, name) for name in searched}),
            number(trial.val_loss, 4),
            number(trial.val_accuracy),
        )
        for trial in ranked
    ]
    failed = sum(trial.status != "COMPLETED" for trial in trials)
    sentence = (
        f"{len(trials)} trials, {failed} failed; a failed trial never wins. The best reached a "
        f"validation loss of {number(best.val_loss, 4)}."
    )
    columns = ("trial", "status", "configuration", "validation loss", "accuracy")
    table = Table(
        "Trials, best first", columns, rows, ("trial", "status", "configuration"), aside=True
    )
    return Section("tune", "The search", [sentence], [table], stage_pictures(pictures, "tune"))


def _varying(configurations: Sequence[Setting]) -> set[str]:
    return {
        name
        for name in configurations[0]
        if len({json.dumps(configuration[name]) for configuration in configurations}) > 1
    }
