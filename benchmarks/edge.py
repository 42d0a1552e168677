"""Every form of one trained network side by side: size, speed, memory, and how right it is.

    .venv/bin/uv pip install --python .venv/bin/python --group benchmarks
    python -m benchmarks.edge --run runs/nih [--cells 1000] [--rounds 300]

A Markdown table with a row per form; without that group, none of ONNX Runtime. Accuracy, AUC and
sensitivity are of the same test cells, each form at the threshold that its own validation scores
give it. The forms take turns cell by cell on one thread, so that all meet the same load: a machine
that does nothing else gives the truest times. Memory is the most that a process needs which knows
nothing but that form.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.edge_files import write_files
from benchmarks.edge_forms import FORMS, ONNX8, ONNX32, Cells, Form, load, size_of
from benchmarks.tables import head, row
from smearflow.evaluation.metrics import classification_metrics
from smearflow.evaluation.threshold import choose_threshold
from smearflow.ground.errors import SmearflowError
from smearflow.model.quiet import tf
from smearflow.params.whole import load_params
from smearflow.sides.side import Side, even_steps, load_side

WARM = 0.1  # of the rounds, before any is timed
COLUMNS = ("MB", "p50 ms", "p95 ms", "cells/s", "peak MB", "accuracy", "AUC", "sensitivity")


class Speed(NamedTuple):
    """Milliseconds a cell: median and 95th percentile."""

    p50: float
    p95: float


def main(arguments: list[str] | None = None) -> None:
    """Convert, measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.edge", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--cells", type=int, default=1000, help="test cells to judge by")
    parser.add_argument("--rounds", type=int, default=300, help="timed turns of each form")
    options = parser.parse_args(arguments)
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    try:
        measure(options.run, options.cells, options.rounds)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def measure(run: Path, cells: int, rounds: int) -> None:
    """Print the table of the network of a run."""
    params, split = load_params(run / "params.yaml"), run / "outputs/split"
    validation, test = load_side(split, "validation"), load_side(split, "test")
    test = test.take(even_steps(len(test.targets), cells))
    names = [name for name in FORMS if name not in (ONNX32, ONNX8) or find_spec("tf2onnx")]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_files(folder, run, names, params.export.calibration_cells)
        forms = {name: load(folder, name) for name in names}
        speeds = take_turns(forms, test.pixels, rounds)
        print(f"{len(test.targets):,} test cells of {len(set(test.patients))} patients\n")
        print(head("form", *COLUMNS), flush=True)
        for name, form in forms.items():
            right = figures(form, validation, test, params.problem.required_sensitivity)
            memory = peak_memory(folder, name, params.split.image_size)
            print(told(name, size_of(folder, name), speeds[name], memory, right), flush=True)


def take_turns(forms: Mapping[str, Form], pixels: Cells, rounds: int) -> dict[str, Speed]:
    """Time the forms on cell after cell, each cell by all of them in an order of its own.

    A turn begins with a run that is not timed: it would find the processor's cache as the form
    before left it.
    """
    rng = np.random.default_rng(1)
    times: dict[str, list[float]] = {name: [] for name in forms}
    warm = int(rounds * WARM)
    for number in range(warm + rounds):
        cell = pixels[number % len(pixels)]
        for name in rng.permutation(list(forms)).tolist():
            form = forms[name]
            form.one(cell)
            started = time.perf_counter()
            form.one(cell)
            if number >= warm:
                times[name].append(1000 * (time.perf_counter() - started))
    return {name: Speed(*np.percentile(each, [50, 95])) for name, each in times.items()}


def figures(
    form: Form, validation: Side, test: Side, required_sensitivity: float
) -> dict[str, float | None]:
    """Figures on test cells at the threshold of the form's own validation scores."""
    told = form.predict(validation.pixels)
    threshold = choose_threshold(validation.targets, told, required_sensitivity)
    return classification_metrics(test.targets, form.predict(test.pixels), threshold)


def peak_memory(folder: Path, name: str, image_size: int) -> float:
    """The most memory, MB, of a process that loads a form and runs it on a cell."""
    command = [sys.executable, "-m", "benchmarks.edge_forms", str(folder), name, str(image_size)]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(found.stdout.splitlines()[-1])["peak_mb"])


def told(
    name: str, size: int, speed: Speed, memory: float, right: Mapping[str, float | None]
) -> str:
    """A row of the table."""
    shares = (right[key] for key in ("accuracy", "roc_auc", "sensitivity"))
    return row(
        name,
        f"{size / 1e6:.2f}",
        f"{speed.p50:.3f}",
        f"{speed.p95:.3f}",
        f"{1000 / speed.p50:,.0f}",
        f"{memory:.0f}",
        *("undefined" if value is None else f"{value:.4f}" for value in shares),
    )


if __name__ == "__main__":
    main()
