"""Experiments on a share of the training patients: which settings train well, and how surely."""

import json
import shutil
import time
from pathlib import Path

from smearflow.cells.arrays import Side, load_side, patient_fraction
from smearflow.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.pictures import plot_curves
from smearflow.model.training import train_once
from smearflow.params import Params
from smearflow.search.analysis import RunRecord, compare, narrow
from smearflow.search.pictures import plot_comparison
from smearflow.search.plan import PlannedRun, label, plan_runs
from stages.runner import Folders, run


def explore(params: Params, folders: Folders) -> None:
    """Run the experiments, answer their questions, write the search space for `tune`."""
    backbone = backbone_of(params.model, folders.root)
    train = load_side(folders.inputs("split"), "train")
    validation = load_side(folders.inputs("split"), "validation")
    experiments = params.explore.experiments
    planned = plan_runs(experiments, params.model.configuration)
    varied = list(
        dict.fromkeys(name for each in experiments for name in each.scientific | each.nuisance)
    )
    runs = []
    for number, planned_run in enumerate(planned, start=1):
        started = time.perf_counter()
        kept = _unit(folders.work, planned_run).is_file()
        if not kept:
            _train(planned_run, train, validation, backbone, params, folders.work)
        runs.append(_read(folders.work, planned_run))
        took = "kept from before" if kept else f"{time.perf_counter() - started:.0f} s"
        print(f"explore {number} of {len(planned)}: {_line(runs[-1], varied)} ({took})", flush=True)
    _write_results(params, folders, runs)
    _draw(params, folders, runs, varied)


def _unit(work: Path, planned: PlannedRun) -> Path:
    """The file that says that a run is finished."""
    return work / f"{planned.id}.json"


def _train(
    planned: PlannedRun,
    train: Side,
    validation: Side,
    backbone: Path,
    params: Params,
    work: Path,
) -> None:
    logs = work / planned.id
    shutil.rmtree(logs, ignore_errors=True)  # of a run that was interrupted
    cells = train.take(patient_fraction(train, planned.train_fraction, "explore"))
    result = train_once(
        cells,
        validation,
        backbone,
        planned.configuration,
        seed=planned.seed,
        input_range=params.model.input_range,
        log_dir=logs,
    )
    record = {
        "id": planned.id,
        "experiments": planned.experiments,
        "configuration": planned.configuration.model_dump(mode="json"),
        "seed": planned.seed,
        "status": result.status,
        "curve": result.curve,
        "best_epoch": result.best_epoch,
        "val_loss": result.val_loss,
        "val_accuracy": result.val_accuracy,
        "steps": result.steps,
        "weight_change": result.weight_change,
    }
    write_json(_unit(work, planned), record)


def _read(work: Path, planned: PlannedRun) -> RunRecord:
    record: RunRecord = json.loads(_unit(work, planned).read_text())
    return record


def _line(record: RunRecord, varied: list[str]) -> str:
    loss = record["val_loss"]
    outcome = "diverged" if record["status"] == "diverged" else f"val_loss {loss:.4f}"
    return f"{_settings(record, varied)}, seed {record['seed']} -> {outcome}"


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
