"""Do exploration and search pay? Whole runs in outer folds of patients, beside the default.

    python -m benchmarks.pays --run runs/nih --fold 1
    python -m benchmarks.pays

In each of five folds all patients but two fifths are explored on, searched on and trained on; one
fifth is the validation side, and the last fifth is looked at once, by the network found and by the
default one of the same patients. A fold takes as long as a run's stages explore to train, works
under the run's folder, and leaves one JSON; the second command prints the table of those there are.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.tables import markdown
from smearflow.assessment.paired import Scores
from smearflow.assessment.payoff import METRICS, PATIENT_MEAN, WORST_TENTH, compared
from smearflow.engine.folds import patient_folds
from smearflow.evaluation.threshold import USUAL
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.model.training import predict
from smearflow.records.figures import Payoff
from smearflow.records.search.best import Best
from smearflow.records.training import DefaultTraining, Training
from smearflow.sides.side import Side, joined, load_side
from smearflow.sides.tables import write_table
from smearflow.splitting.splits import SIDES
from smearflow.trained.store import load_model

FOLDS = 5
STAGES = ("explore", "analyse", "tune", "train")
OWN = {".dvc", ".git", ".prefect", ".venv", "outputs", "reports", "runs", "work"}  # of a folder
FOUND, DEFAULT = "found", "default"

Fold = dict[str, Any]
"""What is kept of a fold: `fold`, `minutes`, `found` (what the search found, as a configuration),
and of each cell `patient` (a number, no name), `target`, and the probabilities `found` and
`default`, these at a threshold of 0.5."""


def main(arguments: list[str] | None = None) -> None:
    """Run a fold, or print the table of the folds that were."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pays", description=__doc__)
    parser.add_argument("--run", type=Path, help="folder of a run whose cells are split")
    parser.add_argument("--fold", type=int, choices=range(1, FOLDS + 1))
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/pays"))
    options = parser.parse_args(arguments)
    if (options.run is None) != (options.fold is None):
        parser.error("--run and --fold go together")
    try:
        if options.fold is not None:
            found = run_fold(options.run.resolve(), options.fold)
            options.results.mkdir(parents=True, exist_ok=True)
            write_json(options.results / f"{options.fold}.json", found, compact=True)
        print(table(list(kept(options.results))), flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def kept(results: Path) -> Iterator[Fold]:
    """The folds that were run.

    Raises:
        SmearflowError: none was.
    """
    files = sorted(results.glob("*.json"))
    if not files:
        raise SmearflowError(f"{results} has no fold", "run one: --run <folder> --fold 1")
    yield from (json.loads(file.read_text()) for file in files)


def run_fold(run: Path, fold: int) -> Fold:
    """Explore, search and train without the patients of a fold, then look at them.

    Raises:
        SmearflowError: the run's cells are not split, or a stage failed.
    """
    root = run / f"work/pays/{fold}"
    test = lay_out(run, root, fold)
    started = time.perf_counter()
    for stage in STAGES:
        if subprocess.run([sys.executable, "-m", f"stages.{stage}"], cwd=root).returncode:
            raise SmearflowError(f"fold {fold}: {stage} failed", "see above")
    minutes = (time.perf_counter() - started) / 60
    _, numbers = np.unique(test.patients, return_inverse=True)
    return {
        "fold": fold,
        "minutes": round(minutes, 1),
        FOUND: Best.read(root).configuration.model_dump(mode="json"),
        "patient": [f"{fold}-{number}" for number in numbers],
        "target": test.targets.tolist(),
        "probability": {name: each.tolist() for name, each in look(root, test).items()},
    }


def lay_out(run: Path, root: Path, fold: int) -> Side:
    """A folder in which the stages after split run, with the sides of the fold; its test side.

    Code and settings are those of the run, by links. Validation patients are those of the next
    fold. The stages never see the test side, as it is not in the folder.
    """
    root.mkdir(parents=True, exist_ok=True)
    for entry in run.iterdir():
        if entry.name not in OWN and not (root / entry.name).exists():
            (root / entry.name).symlink_to(entry)
    sides = [load_side(run / "outputs/split", side) for side in SIDES]
    cells = joined(sides)
    folds = patient_folds(cells.people, cells.targets, FOLDS, 1, "--fold")
    test, validation = folds[fold - 1], folds[fold % FOLDS]
    train = np.setdiff1d(np.arange(len(cells.targets)), np.concatenate([test, validation]))
    split = root / "outputs/split"
    split.mkdir(parents=True, exist_ok=True)
    (split / "summary.json").write_bytes((run / "outputs/split/summary.json").read_bytes())
    for name, indices in (("train", train), ("validation", validation)):
        side = cells.take(indices)
        np.save(split / f"{name}.npy", side.pixels)
        write_table(side.table.assign(side=name), split / f"{name}.parquet")
    return cells.take(test)


def look(root: Path, test: Side) -> dict[str, np.ndarray]:
    """What both networks say of the fold's patients, with their thresholds moved to 0.5."""
    training, default = Training.read(root), DefaultTraining.read(root)
    folder = root / "outputs/train"
    found = at_half(predict(load_model(folder / "model"), test.pixels)[0], training.threshold)
    if default.threshold is None:
        if default.outcome != "same":
            raise SmearflowError("the default configuration diverges", "mend it")
        return {FOUND: found, DEFAULT: found}
    usual = predict(load_model(folder / DefaultTraining.MODEL), test.pixels)[0]
    return {FOUND: found, DEFAULT: at_half(usual, default.threshold)}


def at_half(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """The same ranking and calls, so that folds with thresholds of their own can be pooled."""
    odds = np.clip(probabilities.astype(np.float64), 1e-6, 1 - 1e-6)
    odds = odds / (1 - odds) * (1 - threshold) / threshold
    return np.round(odds / (1 + odds), 5)


def table(folds: Sequence[Fold]) -> str:
    """Markdown: a row per figure of the pooled folds, then a row per fold."""
    pooled = _compared(folds)
    figures = []
    for name in (*METRICS, PATIENT_MEAN, WORST_TENTH):
        gain = pooled.gains[name]
        interval = f"{gain.low:+.4f} to {gain.high:+.4f}"
        figures.append((name, f"{pooled.default[name]:.4f}", f"{gain.value:+.4f}", interval))
    rows = []
    for fold in folds:
        own, found = _compared([fold]), fold[FOUND]
        same = fold["probability"][FOUND] == fold["probability"][DEFAULT]
        settings = f"{found['learning_rate']:.3g}, {found['schedule']}, {found['trainable']}"
        accuracies = f"{own.default['accuracy']:.4f}", f"{own.gains['accuracy'].value:+.4f}"
        told = "the default" if same else settings
        rows.append((fold["fold"], f"{fold['minutes']:.1f}", told, *accuracies))
    first = markdown(("95 %: patient bootstrap", "default", "found minus default", ""), figures)
    names = ("fold", "minutes", "found", "accuracy of the default", "gain")
    return f"{first}\n\n{markdown(names, rows)}"


def _compared(folds: Sequence[Fold]) -> Payoff:
    """Both networks on the test patients of some folds."""
    columns = {
        name: np.concatenate([np.asarray(fold[name]) for fold in folds])
        for name in ("patient", "target")
    }
    scores = {
        name: Scores(np.concatenate([fold["probability"][name] for fold in folds]), USUAL)
        for name in (FOUND, DEFAULT)
    }
    return compared(
        columns["target"],
        columns["patient"],
        scores[FOUND],
        scores[DEFAULT],
        samples=2000,
        seed=1,
    )


if __name__ == "__main__":
    main()
