"""Bayesian optimisation in the space that exploration left, on a share of the training patients."""

import json
from collections.abc import Sequence
from typing import Any

from smearflow.engine.jobs import Bench, Record, bench_of, describe_outcome
from smearflow.engine.pool import open_pool
from smearflow.experiments.job import Job
from smearflow.experiments.plan import label
from smearflow.ground.files import write_json
from smearflow.ground.progress import Progress
from smearflow.params.machine import Engine, Locations
from smearflow.params.model import Configuration, Model
from smearflow.params.tune import Tune
from smearflow.search.hypermodel import MobileNetHyperModel, locked
from smearflow.search.tuner import TrialRecord, best_trial, search
from stages.runner import Folders, run

SALT = "tune"  # chooses the training patients


def tune(
    settings: Tune, model: Model, engine: Engine, locations: Locations, folders: Folders
) -> None:
    """Search for the configuration with the lowest validation loss."""
    space = _space(settings, folders)
    bench = bench_of(model, folders.root, locations, folders.work)
    trials = _search(settings, space, model.configuration, bench, engine, folders)
    best = best_trial(trials)
    write_json(folders.outputs / "trials.json", trials)
    write_json(folders.outputs / "metrics.json", {"val_loss": best["val_loss"]})
    write_json(
        folders.outputs / "best.json",
        {name: best[name] for name in ("configuration", "trial_id", "val_loss", "val_accuracy")},
    )


def _search(
    settings: Tune,
    space: dict[str, Any],
    base: Configuration,
    bench: Bench,
    engine: Engine,
    folders: Folders,
) -> list[TrialRecord]:
    start = base.model_dump() | space["fixed"] | {"epochs": settings.epochs}
    hypermodel = MobileNetHyperModel(Configuration.model_validate(start), space["parameters"])
    progress = Progress("tune", settings.trials, folders.progress)
    with open_pool(bench, engine) as pool:

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


def _space(settings: Tune, folders: Folders) -> dict[str, Any]:
    """What the exploration left, and what a person locked instead; kept beside the trials."""
    space = json.loads((folders.inputs("analyse") / "space.json").read_text())
    if settings.space:
        print(f"tune: locked in params.yaml: {', '.join(settings.space)}", flush=True)
    space["parameters"] = locked(space["parameters"], settings.space)
    write_json(folders.outputs / "space.json", space)
    return space


def _line(configuration: Configuration, varied: dict[str, Any], record: Record) -> str:
    settings = label({name: getattr(configuration, name) for name in varied})
    return f"{settings} -> {describe_outcome(record)}"


if __name__ == "__main__":
    run(tune)
