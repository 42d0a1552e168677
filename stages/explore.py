"""Experiments on a share of the training patients: which settings train well, and how surely."""

import shutil

from smearflow.engine.jobs import Bench, Record, describe_outcome
from smearflow.engine.pool import Pool, worker_count
from smearflow.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.pictures import plot_curves
from smearflow.params import Params
from smearflow.progress import Progress
from smearflow.search.analysis import RunRecord, compare, narrow
from smearflow.search.pictures import plot_comparison
from smearflow.search.plan import PlannedRun, label, plan_runs
from stages.runner import Folders, run


def explore(params: Params, folders: Folders) -> None:
    """Run the experiments, answer their questions, write the search space for `tune`."""
    experiments = params.explore.experiments
    planned = plan_runs(experiments, params.model.configuration)
    varied = list(
        dict.fromkeys(name for each in experiments for name in each.scientific | each.nuisance)
    )
    runs = _train(planned, varied, params, folders)
    _write_results(params, folders, runs)
    _draw(params, folders, runs, varied)


def _train(
    planned: list[PlannedRun], varied: list[str], params: Params, folders: Folders
) -> list[RunRecord]:
    """The records of the planned runs, in their order."""
    bench = Bench(
        folders.inputs("split"),
        backbone_of(params.model, folders.root),
        params.model.input_range,
        folders.work,
        logs=True,
    )
    progress = Progress("explore", len(planned), folders.progress)
    by_id = {each.job.id: each for each in planned}
    records = {}
    with Pool(bench, worker_count(params.engine.workers)) as pool:
        for done in pool.run([each.job for each in planned]):
            record = _run_record(by_id[done.job.id], done.record)
            records[done.job.id] = record
            progress.finish(_line(record, varied), done.seconds, record["val_loss"])
    return [records[each.job.id] for each in planned]


def _run_record(planned: PlannedRun, record: Record) -> RunRecord:
    return {
        "id": planned.job.id,
        "experiments": planned.experiments,
        "configuration": planned.job.configuration.model_dump(mode="json"),
        "seed": planned.job.seed,
        **record,
    }


def _line(record: RunRecord, varied: list[str]) -> str:
    settings = _settings(record, varied)
    return f"{settings}, seed {record['seed']} -> {describe_outcome(record)}"


def _settings(record: RunRecord, varied: list[str]) -> str:
    return label({name: record["configuration"][name] for name in varied})


def _write_results(params: Params, folders: Folders, runs: list[RunRecord]) -> None:
    experiments = params.explore.experiments
    comparisons = [compare(experiment, runs) for experiment in experiments]
    space = narrow(experiments, comparisons, runs, params.model.configuration)
    write_json(folders.outputs / "runs.json", runs)
    write_json(folders.outputs / "summary.json", {"experiments": comparisons})
    write_json(folders.outputs / "space.json", space)
    for comparison in comparisons:
        print(f"explore: {comparison['question']} {comparison['answer']}", flush=True)


def _draw(params: Params, folders: Folders, runs: list[RunRecord], varied: list[str]) -> None:
    completed = [each for each in runs if each["status"] == "completed"]
    best = sorted(completed, key=lambda each: each["val_loss"])[:3]
    all_curves = [
        (_settings(each, varied) + " (diverged)" * (each not in completed), each["curve"])
        for each in runs
    ]
    best_curves = [
        (f"{_settings(each, varied)}, seed {each['seed']}", each["curve"]) for each in best
    ]
    groups = {f"all {len(runs)} runs": all_curves, "the best three": best_curves}
    plot_curves(groups, folders.reports / "curves.png", "Exploration")
    plot_comparison(params.explore.experiments, runs, folders.reports / "comparison.png")
    for each in runs:
        shutil.copytree(folders.work / each["id"], folders.reports / "tensorboard" / each["id"])


if __name__ == "__main__":
    run(explore)
