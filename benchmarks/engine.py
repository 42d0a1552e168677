"""How fast cells are decoded, described by features and trained on, and what more of them cost.

    python -m benchmarks.engine --cells <folder> --module <folder>

Two tables: images a second at three sizes, and one epoch on mapped pixels as the data grow. Each
figure is the median of several rounds, in which everything is measured in turn.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.tables import markdown
from smearflow.cells.files import cell_files
from smearflow.splitting.packing import decode_all, pack_side

SIZES = (64, 96, 128)  # pixels a side
GROWTH = (1, 2, 4)
CELLS = 2048
TASKS = ("features", "training, 2 threads", "training, 1 thread")


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--cells", type=Path, required=True, help="folder with images")
    parser.add_argument("--module", type=Path, required=True, help="SavedModel of the backbone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="pixels a side")
    parser.add_argument("--limit", type=int, default=CELLS, help="cells used")
    options = parser.parse_args(arguments)
    files = cell_files(options.cells)
    chosen = np.random.default_rng(1).permutation(len(files))[: options.limit]
    images = [files[index].read_bytes() for index in chosen]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        rates, growth = defaultdict(list), defaultdict(list)
        for _ in range(options.rounds):
            for size, task, rate in measure_rates(images, options.module, options.sizes, work):
                rates[task, size].append(rate)
            for times, result in measure_growth(images, options.module, options.sizes[0], work):
                growth[times].append(result)
    print(rate_table(rates, options.sizes), growth_table(growth), sep="\n\n")


def measure_rates(
    images: list[bytes], module: Path, sizes: Sequence[int], work: Path
) -> Iterator[tuple[int, str, float]]:
    """Pack the cells at each size and use them; yields size, task and images a second."""
    for size in sizes:
        started = time.perf_counter()
        packed = pack(images, size, 1, work / str(size))
        yield size, "decoding and packing", len(images) / (time.perf_counter() - started)
        for task in TASKS:
            yield size, task, run_alone(packed, module, task)["images_per_second"]


def measure_growth(
    images: list[bytes], module: Path, size: int, work: Path
) -> Iterator[tuple[int, dict[str, float]]]:
    """Train on once, twice and four times the data; yields how often, and what it took."""
    for times in GROWTH:
        packed = pack(images, size, times, work / f"growth-{times}")
        yield times, run_alone(packed, module, TASKS[1])


def pack(images: list[bytes], size: int, times: int, folder: Path) -> Path:
    """Write a side `train` with all images, `times` times over, of alternating targets."""
    folder.mkdir(exist_ok=True)
    count = times * len(images)
    names = [str(number) for number in range(count)]
    table = pd.DataFrame({"cell_id": names, "patient": names})
    table["target"] = np.arange(count, dtype=np.int8) % 2
    pixels = decode_all((image for _ in range(times) for image in images), size, count)
    pack_side(folder, "train", table, pixels, size, normalise=False)
    return folder


def run_alone(packed: Path, module: Path, task: str) -> dict[str, float]:
    """Do a task in a process of its own, so that its memory is its own too."""
    return figures_of("benchmarks.engine_task", packed, module, task)


def figures_of(program: str, *arguments: object) -> dict[str, float]:
    """What a program of a process of its own prints last, in JSON."""
    command = [sys.executable, "-m", program, *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def rate_table(rates: dict[tuple[str, int], list[float]], sizes: Sequence[int]) -> str:
    """Markdown: a row per task, a column per size."""
    tasks = list(dict.fromkeys(task for task, _ in rates))
    rows = [
        (task, *(f"{statistics.median(rates[task, size]):,.0f}" for size in sizes))
        for task in tasks
    ]
    return markdown(("images a second", *(f"{size} px" for size in sizes)), rows)


def growth_table(growth: dict[int, list[dict[str, float]]]) -> str:
    """Markdown: a row per amount of data."""
    columns = ("cells", "MB of pixels", "seconds an epoch", "MB of memory beside them")
    rows = []
    for times, results in growth.items():
        cells = [f"{statistics.median(each[name] for each in results):,.1f}" for name in columns]
        rows.append((f"{times}x", *cells))
    return markdown(("data", *columns), rows)


if __name__ == "__main__":
    main()
