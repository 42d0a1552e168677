"""Whether the space that an exploration left is searched faster than the one it started from.

    python -m benchmarks.narrowing --run runs/nih

Searches twice per seed, with the tuner of the stage tune: in the wide space, which holds everything
the experiments looked at, and in the narrowed one of outputs/analyse/space.json. An interrupted
benchmark goes on with the runs that are missing.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.tables import markdown
from smearflow.analysis.reach import searched_bounds
from smearflow.engine.declaration import Declaration
from smearflow.engine.jobs import RunResult, bench_of
from smearflow.engine.pool import open_pool
from smearflow.experiments.job import Job
from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import fingerprint
from smearflow.model.hub import module_hash
from smearflow.params.explore import Experiment, Range
from smearflow.params.model import Configuration
from smearflow.params.whole import Params, load_params
from smearflow.records.search.dimensions import Dimension
from smearflow.records.search.space import Space
from smearflow.records.search.trials import TrialRecord
from smearflow.report.results import read_json
from smearflow.search.locked import locked
from smearflow.search.tuner import best_trial, search

SALT = "narrowing"  # chooses the training patients


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.narrowing", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--fraction", type=float, default=0.25, help="of the training patients")
    parser.add_argument("--trials", type=int, default=10, help="of a search")
    parser.add_argument("--seeds", type=int, default=5, help="searches in each space")
    options = parser.parse_args(arguments)
    try:
        pairs = []
        for seed in range(1, options.seeds + 1):
            pairs.append(search_both(options.run, seed, options.trials, options.fraction))
            print(f"seed {seed}: {summary_of(pairs[-1])}", flush=True)
        print(f"\n{table(pairs)}", flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


Pair = tuple[list[TrialRecord], list[TrialRecord]]
"""The trials of a search in the wide space, and in the narrowed one."""


def search_both(run: Path, seed: int, trials: int, fraction: float) -> Pair:
    """Search in both spaces.

    Args:
        run: folder of a run whose explore stage has ended.
        seed: of the search and of the training runs, at least 1.
        fraction: of the training patients, in (0, 1].

    Raises:
        SmearflowError: the run is not whole, or no trial of a search completed.
    """
    params = load_params(run / "params.yaml")
    found = Space.read(run)
    base = params.model.configuration
    narrowed = base.model_copy(update=found.fixed)
    return (
        _search(run, params, base, wide_space(params.explore.experiments), seed, trials, fraction),
        _search(run, params, narrowed, found.parameters, seed, trials, fraction),
    )


def _search(
    run: Path,
    params: Params,
    base: Configuration,
    parameters: Mapping[str, Dimension],
    seed: int,
    trials: int,
    fraction: float,
) -> list[TrialRecord]:
    base = base.model_copy(update={"epochs": params.tune.epochs})
    bench = bench_of(params.model, run, params.locations, run / "work/narrowing")
    # runs of other data, or of another module, are none of this comparison
    inputs = {
        "sides": read_json(run, "outputs/split/summary.json"),
        "backbone": module_hash(bench.backbone),
        "input_range": bench.input_range,
    }
    bench = replace(bench, work=bench.work / fingerprint(inputs)[:16])
    bench.work.mkdir(parents=True, exist_ok=True)
    with open_pool(bench, params.engine) as pool:

        def train(configurations: Sequence[Configuration]) -> list[RunResult]:
            jobs = [Job(each, seed, fraction, SALT) for each in configurations]
            results = {done.job.id: done.result for done in pool.run(jobs)}
            return [results[job.id] for job in jobs]

        declaration = Declaration(base, parameters)
        found = search(declaration, trials, params.tune.at_once, seed, bench.work, train)
    return list(found.trials)


def wide_space(experiments: Sequence[Experiment]) -> dict[str, Dimension]:
    """Everything that experiments vary: numbers between the outermost values, or all choices."""
    roles = [each.scientific | each.nuisance for each in experiments]
    names = dict.fromkeys(name for each in roles for name in each)
    return locked({}, {name: _everything(name, experiments) for name in names})


def _everything(name: str, experiments: Sequence[Experiment]) -> Range | tuple[Any, ...]:
    varied = [(each.scientific | each.nuisance).get(name, ()) for each in experiments]
    ranges = [values for values in varied if isinstance(values, Range)]
    bounds = searched_bounds(name, experiments)
    if not ranges or bounds is None:
        lists = [values for values in varied if not isinstance(values, Range)]
        return tuple(dict.fromkeys(value for values in lists for value in values))
    low, high = bounds
    if ranges[0].sampling == "log" and low <= 0:  # a list names 0, which is on no such scale
        low = min(each.low for each in ranges)
    return Range(low=low, high=high, sampling=ranges[0].sampling)


def trials_to_reach(trials: Sequence[TrialRecord], loss: float) -> int | None:
    """After how many trials the validation loss was no higher; None if it never was."""
    for number, trial in enumerate(trials, start=1):
        if trial.loss <= loss:
            return number
    return None


def summary_of(pair: Pair) -> str:
    """A pair of searches in a line."""
    wide, narrowed = (best_trial(trials).loss for trials in pair)
    return f"lowest validation loss {wide:.4f} wide, {narrowed:.4f} narrowed"


def table(pairs: Sequence[Pair]) -> str:
    """Markdown: a row per seed, and one of medians."""
    rows = []
    for wide, narrowed in pairs:
        best = best_trial(wide).loss
        needed = [trials_to_reach(trials, best) for trials in (wide, narrowed)]
        counts = [math.inf if each is None else each for each in needed]
        rows.append([best, best_trial(narrowed).loss, *counts])
    names = [str(number) for number in range(1, len(rows) + 1)] + ["median"]
    rows.append([statistics.median(column) for column in zip(*rows, strict=True)])
    lowest, needs = "lowest loss, wide", "trials to reach the wide one, wide"
    return markdown(
        ("seed", lowest, "narrowed", needs, "narrowed"),
        [
            (name, *(f"{loss:.4f}" for loss in each[:2]), *map(_count, each[2:]))
            for name, each in zip(names, rows, strict=True)
        ],
    )


def _count(trials: float) -> str:
    return "never" if trials == math.inf else f"{trials:g}"


if __name__ == "__main__":
    main()
