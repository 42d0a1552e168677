"""The trials of the search."""

import json
from collections.abc import Sequence
from pathlib import Path

from smearflow.params.model import Setting
from smearflow.records.figures import Figures
from smearflow.records.search.best import Best
from smearflow.records.search.finalists import Finalists
from smearflow.records.search.trials import AtBound, Trials
from smearflow.report.elements import Section, Table
from smearflow.report.payoff import payoff_sentence
from smearflow.report.pictures.captions import stage_pictures
from smearflow.report.text import (
    enumerate_words,
    mean_and_deviation,
    number,
    readable,
    setting,
    settings,
)
from smearflow.report.units import unit_of_run


def tune_section(root: Path, pictures: Path) -> Section | None:
    """The trials of the search, best first."""
    found, best = Trials.read_if_there(root), Best.read_if_there(root)
    figures = Figures.read_if_there(root)
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
    lowest = min(trial.loss for trial in trials)
    sentences = [
        f"{len(trials)} trials, {failed} failed; a failed trial never wins. The best reached a "
        f"validation loss of {number(lowest, 4)}."
    ]
    sentences += [_at_bound(each) for each in found.at_bounds]
    finalists = Finalists.read_if_there(root)
    columns = ("trial", "status", "configuration", "validation loss", "accuracy")
    table = Table(
        "Trials, best first", columns, rows, ("trial", "status", "configuration"), aside=True
    )
    tables = [table]
    if finalists is not None:
        people = unit_of_run(root).many
        sentences += [_winner(finalists, people), _gain(finalists)]
        tables.insert(0, _again(finalists, people))
    if figures is not None and figures.payoff is not None:
        sentences.append(payoff_sentence(figures.payoff, unit_of_run(root)))
    return Section("tune", "The search", sentences, tables, stage_pictures(pictures, "tune"))


def _at_bound(found: AtBound) -> str:
    end = "upper" if found.side == "up" else "lower"
    words = f"{end} bound of the {readable(found.name)}, {setting(found.before)}"
    if found.after is None:
        return f"The best trial lies at the {words}: better values may lie beyond it."
    return (
        f"After {found.trials} trials the best lay at the {words}, which moved out to "
        f"{setting(found.after)}."
    )


def _winner(found: Finalists, people: str) -> str:
    runs = f"{len(found.rows) - 1} best trials and the defaults again, as long as the final "
    runs += f"training, each in {len(found.seeds)} folds of the training and validation {people}"
    if found.winner is None:
        return f"The {runs}: no trial is better than the defaults for sure, so these win."
    alike = [_name(row.trial_id) for row in found.rows if row.alike]
    winner = _name(found.winner)
    if len(alike) > 1:
        return (
            f"The {runs}: {enumerate_words(alike)} can't be told apart. Of these the one wins that "
            "is better than the defaults for sure, differs least from them, and then costs least: "
            f"{winner}."
        )
    return f"The {runs}: {winner} wins."


def _name(trial_id: str | None) -> str:
    return "the defaults" if trial_id is None else f"trial {trial_id}"


def _gain(found: Finalists) -> str:
    gain = found.gain
    if gain is None:
        return (
            "What is gained over the defaults is unknown: a run of these or of the winner diverged."
        )
    sentence = f"The validation loss of trial {gain.trial_id} is {abs(gain.difference):.4f} "
    sentence += f"{'lower' if gain.difference > 0 else 'higher'} than that of the defaults"
    if gain.low is None or gain.high is None:
        return f"{sentence}; the spread of runs is unknown."
    sure = "" if gain.low > 0 or gain.high < 0 else ": no detectable difference"
    return f"{sentence} (95 % interval of the gain {gain.low:.4f} to {gain.high:.4f}){sure}."


def _again(found: Finalists, people: str) -> Table:
    rows = [
        (
            "defaults" if row.trial_id is None else row.trial_id,
            mean_and_deviation(row.mean, row.std),
            ", ".join("diverged" if each is None else number(each, 4) for each in row.losses),
            "yes" if row.alike else "no",
        )
        for row in found.rows
    ]
    columns = ("trial", "validation loss", "by fold", "as good as the lowest")
    caption = (
        "The best trials again, beside the defaults, on seeds the search never saw, and judged in "
        f"turn by all {people} but those of the test: the lowest of many trials owes a part of its "
        f"place to luck. ± is what other {people} and another seed change together; trials are "
        "compared within the folds."
    )
    return Table(caption, columns, rows, ("trial", "as good as the lowest"))


def _varying(configurations: Sequence[Setting]) -> set[str]:
    return {
        name
        for name in configurations[0]
        if len({json.dumps(configuration[name]) for configuration in configurations}) > 1
    }
