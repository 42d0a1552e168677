"""Bayesian optimisation in the space that exploration left, on a share of the training patients."""

from collections.abc import Mapping, Sequence

from smearflow.engine.declaration import Declaration
from smearflow.engine.jobs import Bench, RunResult, bench_of, describe_outcome
from smearflow.engine.pool import open_pool
from smearflow.experiments.job import Job
from smearflow.experiments.plan import name_of
from smearflow.ground.files import write_json
from smearflow.ground.progress import Progress
from smearflow.params.machine import Engine, Locations
from smearflow.params.model import Configuration, Model
from smearflow.params.tune import Tune
from smearflow.records.search.best import Best
from smearflow.records.search.dimensions import Dimension
from smearflow.records.search.space import Space
from smearflow.records.search.trials import TrialRecord, Trials
from smearflow.search.locked import locked
from smearflow.search.tuner import best_trial, search
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
    Trials(trials=tuple(trials)).write(folders.outputs)
    write_json(folders.outputs / "metrics.json", {"val_loss": best.val_loss})
    Best.model_validate(best.model_dump(include=set(Best.model_fields))).write(folders.outputs)


def _search(
    settings: Tune,
    space: Space,
    base: Configuration,
    bench: Bench,
    engine: Engine,
    folders: Folders,
) -> list[TrialRecord]:
    start = base.model_dump() | space.fixed | {"epochs": settings.epochs}
    declaration = Declaration(Configuration.model_validate(start), space.parameters)
    progress = Progress("tune", settings.trials, folders.progress)
    with open_pool(bench, engine) as pool:

        def train(configurations: Sequence[Configuration]) -> list[RunResult]:
            jobs = [
                Job(each, settings.seed, settings.train_fraction, SALT) for each in configurations
            ]
            results = {}
            for done in pool.run(jobs):
                results[done.job.id] = done.result
                line = _line(done.job.configuration, space.parameters, done.result)
                progress.finish(line, done.spent, done.result.val_loss)
            return [results[job.id] for job in jobs]

        return search(
            declaration, settings.trials, settings.at_once, settings.seed, folders.work, train
        )


def _space(settings: Tune, folders: Folders) -> Space:
    """What the exploration left, and what a person locked instead; kept beside the trials."""
    found = Space.read(folders.root)
    if settings.space:
        print(f"tune: locked in params.yaml: {', '.join(settings.space)}", flush=True)
    space = Space(parameters=locked(found.parameters, settings.space), fixed=found.fixed)
    space.write(folders.outputs)
    return space


def _line(configuration: Configuration, varied: Mapping[str, Dimension], result: RunResult) -> str:
    settings = name_of({name: getattr(configuration, name) for name in varied})
    return f"{settings} -> {describe_outcome(result)}"


if __name__ == "__main__":
    run(tune)
