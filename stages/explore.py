"""Experiments on a share of the training patients: the runs that they need."""

import shutil
from collections.abc import Sequence

from smearflow.engine.jobs import Bench, Finished, bench_of, describe_outcome
from smearflow.engine.pool import open_pool
from smearflow.experiments.plan import (
    PlannedRun,
    deviations,
    name_of,
    plan_runs,
    varied_fields,
)
from smearflow.ground.files import write_json
from smearflow.ground.progress import Progress
from smearflow.hparams import write_hparams
from smearflow.params.explore import Exploration
from smearflow.params.machine import Engine, Locations
from smearflow.params.model import Configuration, Model
from smearflow.records.exploration import Histograms, RunRecord, Runs
from stages.runner import Folders, run


def explore(
    settings: Exploration, model: Model, engine: Engine, locations: Locations, folders: Folders
) -> None:
    """Train every run that the experiments need."""
    experiments, base = settings.experiments, model.configuration
    planned = plan_runs(experiments, base)
    bench = bench_of(
        model,
        folders.root,
        locations,
        folders.work,
        validation_cells=settings.validation_cells,
        logs=True,
    )
    finished = _train(planned, varied_fields(experiments), base, bench, engine, folders)
    runs = [_run_record(each, finished[each.job.id]) for each in planned]
    Runs(runs=tuple(runs)).write(folders.outputs)
    found = {name: done.result.model_dump()["histograms"] for name, done in finished.items()}
    Histograms.model_validate({"runs": found}).write(folders.outputs)
    _report(runs, finished, varied_fields(experiments), bench, folders)


def _train(
    planned: Sequence[PlannedRun],
    varied: Sequence[str],
    base: Configuration,
    bench: Bench,
    engine: Engine,
    folders: Folders,
) -> dict[str, Finished]:
    """What the planned runs gave, by their ids."""
    progress = Progress("explore", len(planned), folders.progress)
    finished = {}
    with open_pool(bench, engine) as pool:
        for done in pool.run([each.job for each in planned]):
            finished[done.job.id] = done
            line = _line(done, varied, base)
            progress.finish(line, done.spent, done.result.val_loss)
    return finished


def _line(done: Finished, varied: Sequence[str], base: Configuration) -> str:
    settings = name_of(deviations(done.job.configuration, varied, base))
    return f"{settings}, seed {done.job.seed} -> {describe_outcome(done.result)}"


def _run_record(planned: PlannedRun, done: Finished) -> RunRecord:
    """What is kept of a run; the histograms of its weights have a file of their own."""
    return RunRecord(
        id=done.job.id,
        experiments=planned.experiments,
        configuration=done.job.configuration,
        seed=done.job.seed,
        **done.result.model_dump(exclude={"histograms"}),
    )


def _report(
    runs: Sequence[RunRecord],
    finished: dict[str, Finished],
    varied: Sequence[str],
    bench: Bench,
    folders: Folders,
) -> None:
    """What TensorBoard shows, and what no result is: how long each run took."""
    for done in finished.values():
        logs = folders.reports / "tensorboard" / done.job.id
        shutil.copytree(bench.log_folder(done.job), logs)
    write_hparams(folders.reports / "tensorboard", runs, varied)
    seconds = {name: done.seconds for name, done in finished.items()}
    write_json(folders.reports / "run_seconds.json", seconds)


if __name__ == "__main__":
    run(explore)
