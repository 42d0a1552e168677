"""The trials of the search."""

import json
from pathlib import Path
from typing import Any

from smearflow.report.elements import Section, Table
from smearflow.report.pictures.found import pictures_of
from smearflow.report.results import read_json
from smearflow.report.text import number, settings


def tune_section(root: Path, pictures: Path) -> Section | None:
    """The trials of the Bayesian search, best first."""
    trials = read_json(root, "outputs/tune/trials.json")
    best = read_json(root, "outputs/tune/best.json")
    if trials is None or best is None:
        return None
    searched = sorted(_varying([trial["configuration"] for trial in trials]))
    ranked = sorted(trials, key=lambda trial: (trial["val_loss"] is None, trial["val_loss"]))
    rows = [
        (
            trial["trial_id"],
            trial["status"].lower(),
            settings({name: trial["configuration"][name] for name in searched}),
            number(trial["val_loss"], 4),
            number(trial["val_accuracy"]),
        )
        for trial in ranked
    ]
    failed = sum(trial["status"] != "COMPLETED" for trial in trials)
    sentence = (
        f"{len(trials)} trials, {failed} failed; a failed trial never wins. The best reached a "
        f"validation loss of {number(best['val_loss'], 4)}."
    )
    columns = ("trial", "status", "configuration", "validation loss", "accuracy")
    table = Table(
        "Trials, best first", columns, rows, ("trial", "status", "configuration"), aside=True
    )
    return Section("tune", "The search", [sentence], [table], pictures_of(pictures, "tune"))


def _varying(configurations: list[dict[str, Any]]) -> set[str]:
    return {
        name
        for name in configurations[0]
        if len({json.dumps(configuration[name]) for configuration in configurations}) > 1
    }
