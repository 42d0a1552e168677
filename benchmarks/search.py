"""The project's search beside an article's plain script, on the same patients: time and accuracy.

    python -m benchmarks.search --run runs/nih
    python -m benchmarks.search --run runs/nih --part article-96

About 1,200 cells of all patients but a fifth, the same number of each; that fifth is looked at by
what each way found, trained on three seeds. Each part is measured in a process of its own, leaves
one JSON, and is not done again where that is there. Prints a Markdown table. Nothing else should
run on the machine: the times are compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.pays import lay_out
from benchmarks.tables import markdown, spread
from smearflow.cells.raw import RawCells
from smearflow.evaluation.threshold import USUAL
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.model.backbone import backbone_of
from smearflow.model.training import predict, train_once
from smearflow.params.whole import load_params
from smearflow.records.search.best import Best
from smearflow.sides.side import Side, cells_of_each, load_side
from smearflow.sides.tables import write_table

PARTS = ("article-224", "article-96", "explore", "search")
CELLS = 1200  # to learn from and to choose by
FOLD = 1  # of `benchmarks.pays`, whose patients are looked at
SEEDS = (1, 2, 3)
PERIOD = 0.25  # seconds between two looks at the memory

Found = Mapping[str, Any]


class Spent(NamedTuple):
    """What a command took.

    Attributes:
        seconds: on the clock.
        cpu: seconds of all its processes.
        memory: most bytes that no file backs, of all its processes together.
    """

    seconds: float
    cpu: float
    memory: int


def main(arguments: list[str] | None = None) -> None:
    """Measure the parts that are missing, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of a run, cells split")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; default: all")
    parser.add_argument("--results", type=Path, default=Path("benchmarks/results/search"))
    options = parser.parse_args(arguments)
    options.results.mkdir(parents=True, exist_ok=True)
    try:
        for part in options.part or PARTS:
            file = options.results / f"{part}.json"
            if not file.is_file():
                write_json(file, measure_part(options.run.resolve(), part))
        found = {
            part: json.loads(file.read_text())
            for part in PARTS
            if (file := options.results / f"{part}.json").is_file()
        }
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")
    print(table(found), flush=True)


def measure_part(run: Path, part: str) -> Found:
    """What a part took, and the accuracies of what it found.

    Raises:
        SmearflowError: the run's cells are not split, or the part failed.
    """
    root = run / "work/search"
    images, test = root / "work/images", _prepare(run, root)
    if part.startswith("article"):
        params, result = load_params(run / "params.yaml"), root / f"work/{part}.json"
        module = backbone_of(params.model, run, params.locations)
        size = part.rpartition("-")[2]
        command = ["benchmarks.article", "--images", str(images), "--module", str(module)]
        spent = measured([*command, "--size", size, "--result", str(result)], Path.cwd())
        found = json.loads(result.read_text())
        # what it took for the search; training the winner on three seeds is no part of it
        share = found["seconds"] / spent.seconds
        return {
            "seconds": found["seconds"],
            "cpu": spent.cpu * share,
            "memory": spent.memory,
            "accuracies": found["accuracies"],
        }
    if part == "explore":
        return together([measured([f"stages.{stage}"], root) for stage in ("explore", "analyse")])
    spent = measured(["stages.tune"], root)
    return spent._asdict() | {"accuracies": retrain(root, test)}


def together(parts: Sequence[Spent]) -> Found:
    """One after the other."""
    seconds, cpu, memory = zip(*parts, strict=True)
    return Spent(sum(seconds), sum(cpu), max(memory))._asdict()


def measured(module: Sequence[str], folder: Path) -> Spent:
    """Run a module of Python in a folder, and see what it takes.

    Raises:
        SmearflowError: it failed.
    """
    before, started, most = _child_cpu(), time.perf_counter(), 0
    command = [sys.executable, "-m", *module]
    with subprocess.Popen(command, cwd=folder, start_new_session=True) as process:
        while True:
            try:
                code = process.wait(PERIOD)
                break
            except subprocess.TimeoutExpired:
                most = max(most, session_memory(process.pid))
    if code:
        raise SmearflowError(f"{module[0]} failed", "see above")
    return Spent(time.perf_counter() - started, _child_cpu() - before, most)


def _child_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def session_memory(session: int) -> int:
    """Bytes that no file backs, of all processes of a session."""
    total = 0
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and os.getsid(int(folder.name)) == session:
                lines = (folder / "status").read_text().splitlines()
                total += sum(int(ln.split()[1]) * 1024 for ln in lines if ln.startswith("RssAnon"))
        except OSError:  # it has ended
            continue
    return total


def retrain(root: Path, test: Side) -> list[float]:
    """Accuracies on the test side of what was found, trained anew on each seed."""
    params = load_params(root / "params.yaml")
    configuration = params.train.at_full_length(Best.read(root).configuration)
    train, validation = (
        load_side(root / "outputs/split", side) for side in ("train", "validation")
    )
    found = []
    for seed in SEEDS:
        fitted = train_once(
            train,
            validation,
            backbone_of(params.model, root, params.locations),
            configuration,
            seed=seed,
            input_range=params.model.input_range,
            least_class_share=params.model.least_class_share,
        )
        called = predict(fitted.model, test.pixels)[0] >= USUAL
        found.append(float(np.mean(called == (test.targets == 1))))
    return found


def _prepare(run: Path, root: Path) -> Side:
    """The folder that our stages run in, and the article's images; the side looked at."""
    test = lay_out(run, root, FOLD)
    split = root / "outputs/split"
    sides = {name: load_side(split, name) for name in ("train", "validation")}
    patients = sum(len(np.unique(side.patients)) for side in sides.values())
    for name, side in sides.items():
        few = side.take(cells_of_each(side.table, CELLS // patients))
        np.save(split / f"{name}.npy", few.pixels)
        write_table(few.table, split / f"{name}.parquet")
        sides[name] = few
    _write_images(run, root / "work/images", sides | {"test": test})
    return test


def _write_images(run: Path, folder: Path, sides: Mapping[str, Side]) -> None:
    """Files as they came in, in a folder per class."""
    with RawCells(run / "outputs/ingest/raw") as raw:
        for name, side in sides.items():
            for number, row in side.table.iterrows():
                file = folder / name / row["label"] / f"{number}{Path(row['path']).suffix}"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(raw.read(row["path"]))


def table(found: Mapping[str, Found]) -> str:
    """Markdown: a row per way that was measured."""
    ways = {
        "article's script, 224 pixels": ("article-224",),
        "article's script, 96 pixels": ("article-96",),
        "this project's search": ("search",),
        "and its exploration": ("explore", "search"),
    }
    rows = []
    for name, parts in ways.items():
        if all(part in found for part in parts):
            measured = [found[part] for part in parts]
            seconds, cpu = (sum(each[name] for each in measured) for name in ("seconds", "cpu"))
            memory = max(each["memory"] for each in measured)
            rows.append(
                (
                    name,
                    *(f"{each / 60:.1f}" for each in (seconds, cpu)),
                    f"{memory / 1e9:.1f}",
                    *(_ratio(found.get(other), seconds) for other in PARTS[:2]),
                    spread(measured[-1]["accuracies"]),
                )
            )
    names = ("way", "minutes", "CPU minutes", "peak GB", "times as fast as 224", "as 96")
    return markdown((*names, "accuracy"), rows)


def _ratio(other: Found | None, seconds: float) -> str:
    return "" if other is None else f"{other['seconds'] / seconds:.1f}"


if __name__ == "__main__":
    main()
