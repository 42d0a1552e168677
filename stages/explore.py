"""Experiments on a share of the training patients: questions, and what the runs answer."""

import shutil
from collections.abc import Sequence
from typing import Any

from smearflow.engine.jobs import Bench, Finished, bench_of, describe_outcome
from smearflow.engine.pool import open_pool
from smearflow.files import write_json
from smearflow.params import Configuration, Experiment, Params
from smearflow.progress import Progress
from smearflow.report.exploration import write_exploration
from smearflow.search.answers import answer
from smearflow.search.comparison import RunRecord, deviations
from smearflow.search.hparams import write_hparams
from smearflow.search.narrowing import narrow
from smearflow.search.pictures import draw, write_parallel
from smearflow.search.plan import PlannedRun, label, plan_runs, varied_fields
from smearflow.search.plots import write_tables
from stages.runner import Folders, run


def explore(params: Params, folders: Folders) -> None:
    """Run the experiments, answer their questions, write the search space for `tune`."""
    experiments, base = params.explore.experiments, params.model.configuration
    planned = plan_runs(experiments, base)
    bench = bench_of(params, folders.root, folders.work, logs=True)
    finished = _train(planned, varied_fields(experiments), bench, params, folders)
    runs = [_run_record(each, finished[each.job.id]) for each in planned]
    answers = answer(experiments, runs, base)
    space = narrow(experiments, runs, answers, base)
    write_json(folders.outputs / "runs.json", runs)
    write_json(folders.outputs / "answers.json", answers)
    write_json(folders.outputs / "space.json", space)
    write_tables(folders.outputs, runs, answers)
    _report(experiments, finished, runs, answers, space, folders, bench)
    for name in ("importance", "interactions", "bounds"):
        print(f"explore: {answers[name]['question']} {answers[name]['answer']}", flush=True)


def _train(
    planned: Sequence[PlannedRun],
    varied: Sequence[str],
    bench: Bench,
    params: Params,
    folders: Folders,
) -> dict[str, Finished]:
    """What the planned runs gave, by their ids."""
    progress = Progress("explore", len(planned), folders.progress)
    finished = {}
    with open_pool(bench, params.engine) as pool:
        for done in pool.run([each.job for each in planned]):
            finished[done.job.id] = done
            line = _line(done, varied, params.model.configuration)
            progress.finish(line, done.spent, done.record["val_loss"])
    return finished


def _line(done: Finished, varied: Sequence[str], base: Configuration) -> str:
    configuration = done.job.configuration.model_dump(mode="json")
    settings = label(deviations({"configuration": configuration}, varied, base))
    return f"{settings}, seed {done.job.seed} -> {describe_outcome(done.record)}"


def _run_record(planned: PlannedRun, done: Finished) -> RunRecord:
    """What is kept of a run: everything but the histograms of its weights, which are drawn."""
    return {
        "id": done.job.id,
        "experiments": planned.experiments,
        "configuration": done.job.configuration.model_dump(mode="json"),
        "seed": done.job.seed,
        **{name: value for name, value in done.record.items() if name != "histograms"},
    }


def _report(
    experiments: Sequence[Experiment],
    finished: dict[str, Finished],
    runs: Sequence[RunRecord],
    answers: dict[str, Any],
    space: dict[str, Any],
    folders: Folders,
    bench: Bench,
) -> None:
    varied = varied_fields(experiments)
    histograms = {name: done.record["histograms"] for name, done in finished.items()}
    draw(folders.reports, experiments, runs, answers, histograms)
    write_parallel(folders.reports / "parallel.html", runs, varied)
    for done in finished.values():
        logs = folders.reports / "tensorboard" / done.job.id
        shutil.copytree(bench.log_folder(done.job), logs)
    write_hparams(folders.reports / "tensorboard", runs, varied)
    seconds = {name: done.seconds for name, done in finished.items()}
    write_exploration(folders.reports, experiments, runs, answers, space, seconds)


if __name__ == "__main__":
    run(explore)
