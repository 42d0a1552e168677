"""Bayesian optimisation in the space that exploration left, on a share of the training patients."""

import json
from collections.abc import Sequence
from typing import Any

from smearflow.engine.jobs import Job, Record, bench_of, describe_outcome
from smearflow.engine.pool import open_pool
from smearflow.files import write_json
from smearflow.model.hypermodel import MobileNetHyperModel, locked
from smearflow.params import Configuration, Params
from smearflow.progress import Progress
from smearflow.search.pictures import plot_trials
from smearflow.search.plan import label
from smearflow.search.tuner import TrialRecord, best_trial, search
from stages.runner import Folders, run

SALT = "tune"  # chooses the training patients


def tune(params: Params, folders: Folders) -> None:
    """Search for the configuration with the lowest validation loss."""
    trials = _search(params, folders)
    best = best_trial(trials)
    write_json(folders.outputs / "trials.json", trials)
    write_json(
        folders.outputs / "best.json",
        {name: best[name] for name in ("configuration", "trial_id", "val_loss", "val_accuracy")},
    )
    plot_trials(trials, folders.reports / "trials.png")


def _search(params: Params, folders: Folders) -> list[TrialRecord]:
    settings = params.tune
    space = _space(params, folders)
    base = params.model.configuration.model_dump() | space["fixed"] | {"epochs": settings.epochs}
    hypermodel = MobileNetHyperModel(Configuration.model_validate(base), space["parameters"])
    progress = Progress("tune", settings.trials, folders.progress)
    bench = bench_of(params, folders.root, folders.work)
    with open_pool(bench, params.engine) as pool:

        def train(configurations: Sequence[Configuration]) -> list[Record]:
            jobs = [
                Job(each, settings.seed, settings.train_fraction, SALT) for each in configurations
            ]
            records = {}
            for done in pool.run(jobs):
                records[done.job.id] = done.record
                line = _line(done.job.configuration, space["parameters"], done.record)
                progress.finish(line, done.spent, done.record["val_loss"])
            return [records[job.id] for job in jobs]

        return search(
            hypermodel, settings.trials, settings.at_once, settings.seed, folders.work, train
        )


def _space(params: Params, folders: Folders) -> dict[str, Any]:
    """What exploration left, and what a person locked instead; kept beside the trials."""
    space = json.loads((folders.inputs("explore") / "space.json").read_text())
    if params.tune.space:
        print(f"tune: locked in params.yaml: {', '.join(params.tune.space)}", flush=True)
    space["parameters"] = locked(space["parameters"], params.tune.space)
    write_json(folders.outputs / "space.json", space)
    return space


def _line(configuration: Configuration, varied: dict[str, Any], record: Record) -> str:
    settings = label({name: getattr(configuration, name) for name in varied})
    return f"{settings} -> {describe_outcome(record)}"


if __name__ == "__main__":
    run(tune)
