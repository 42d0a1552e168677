"""A search in the space that exploration left, on a share of the training patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from smearflow.engine.declaration import Declaration
from smearflow.engine.jobs import RunResult, bench_of, describe_outcome
from smearflow.engine.pool import Pool, open_pool
from smearflow.engine.training_data import deal
from smearflow.experiments.job import Fold, Job
from smearflow.experiments.plan import name_of
from smearflow.ground.files import write_json
from smearflow.ground.progress import Progress
from smearflow.params.machine import Engine, Locations
from smearflow.params.model import Configuration, Ending, Model
from smearflow.params.tune import Tune
from smearflow.records.search.best import Best
from smearflow.records.search.dimensions import Dimension
from smearflow.records.search.finalists import Finalist
from smearflow.records.search.space import Space
from smearflow.records.search.trials import TrialRecord, Trials
from smearflow.search.finalists import decide, first_trials
from smearflow.search.halving import hyperband_trials
from smearflow.search.locked import locked
from smearflow.search.tuner import best_trial, search
from stages.runner import Folders, run

if TYPE_CHECKING:
    from smearflow.engine.cluster import Cluster

SALT = "tune"  # chooses the training patients


def tune(
    settings: Tune,
    model: Model,
    train: Ending,
    engine: Engine,
    locations: Locations,
    folders: Folders,
) -> None:
    """Search for the configuration with the lowest validation loss, run the best ones again."""
    space = _space(settings, folders)
    bench = bench_of(
        model,
        folders.root,
        locations,
        folders.work,
        validation_cells=settings.validation_cells,
    )
    if settings.finalists:
        deal(bench.split, len(settings.finalist_seeds))  # too few patients: told before the search
    again = (settings.finalists + 1) * len(settings.finalist_seeds) if settings.finalists else 0
    progress = Progress("tune", _trials(settings) + again, folders.progress)
    with open_pool(bench, engine) as pool:
        runs = _Runs(pool, progress, settings.train_fraction, space.parameters)
        found = _search(settings, space, model.configuration, runs, folders)
        best = _best(best_trial(found.trials))
        if settings.finalists:
            best = _again(settings, train, found.trials, model.configuration, runs, folders) or best
    found.write(folders.outputs)
    write_json(folders.outputs / "metrics.json", {"val_loss": best.val_loss})
    best.write(folders.outputs)


def _trials(settings: Tune) -> int:
    """How many the search makes."""
    return hyperband_trials(settings.epochs) if settings.method == "hyperband" else settings.trials


def _best(trial: TrialRecord) -> Best:
    return Best.model_validate(trial.model_dump(include=set(Best.model_fields)))


@dataclass(frozen=True)
class _Runs:
    """Trains configurations in the pool, and tells of each that is done.

    Attributes:
        varied: the fields that are told.
    """

    pool: "Pool | Cluster"
    progress: Progress
    train_fraction: float
    varied: Mapping[str, Dimension]

    def once(self, configurations: Sequence[Configuration], seed: int) -> list[RunResult]:
        """The result of each, judged by the validation patients."""
        return self._train([self._job(each, seed) for each in configurations])

    def cross_validated(
        self, configurations: Sequence[Configuration], seeds: Sequence[int]
    ) -> list[list[RunResult]]:
        """Of each the results by fold, each fold with a seed of its own."""
        folds = [(seed, Fold(number, len(seeds))) for number, seed in enumerate(seeds)]
        jobs = [[self._job(each, seed, fold) for seed, fold in folds] for each in configurations]
        found = iter(self._train([job for row in jobs for job in row]))
        return [[next(found) for _ in row] for row in jobs]

    def _job(self, configuration: Configuration, seed: int, fold: Fold | None = None) -> Job:
        return Job(configuration, seed, self.train_fraction, SALT, fold)

    def _train(self, jobs: Sequence[Job]) -> list[RunResult]:
        results = {}
        for done in self.pool.run(jobs):
            results[done.job.id] = done.result
            line = _line(done.job.configuration, self.varied, done.result)
            self.progress.finish(line, done.spent, done.result.val_loss)
        return [results[job.id] for job in jobs]


def _search(
    settings: Tune, space: Space, base: Configuration, runs: _Runs, folders: Folders
) -> Trials:
    start = base.model_dump() | space.fixed | {"epochs": settings.epochs}
    return search(
        Declaration(Configuration.model_validate(start), space.parameters),
        _trials(settings),
        settings.at_once,
        settings.seed,
        folders.work,
        lambda configurations: runs.once(configurations, settings.seed),
        settings.method,
    )


def _again(
    settings: Tune,
    ending: Ending,
    trials: Sequence[TrialRecord],
    usual: Configuration,
    runs: _Runs,
    folders: Folders,
) -> Best | None:
    """The best trials and the defaults at full length, cross-validated over training and validation
    patients: those who judged the trials would judge by what the search has learned of them.

    Returns:
        Who won; None where a run of each diverged.
    """
    first, full = first_trials(trials, settings.finalists), ending.model_dump()
    configurations = [*(each.configuration for each in first), usual]
    results = runs.cross_validated(
        [each.model_copy(update=full) for each in configurations], settings.finalist_seeds
    )
    losses = [
        [None if each.status == "diverged" else each.val_loss for each in row] for row in results
    ]
    finalists = decide(first, losses, usual, settings.finalist_seeds, ending.epochs)
    finalists.write(folders.outputs)
    place = [row.trial_id for row in finalists.rows].index(finalists.winner)
    return _won(finalists.rows[place], configurations[place], results[place])


def _won(row: Finalist, configuration: Configuration, results: Sequence[RunResult]) -> Best | None:
    if row.mean is None:
        return None
    accuracies = [each.val_accuracy for each in results if each.val_accuracy is not None]
    return Best(
        configuration=configuration,
        trial_id=row.trial_id,
        val_loss=row.mean,
        val_accuracy=fmean(accuracies),
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
