"""Where the time of a training step goes, in one thread, as a worker of the engine trains.

    python -m benchmarks.step --cells <folder> --module <folder> --module <folder>

For each module and size what a step of 64 cells is made of, and how much of what the processor can
do by matrix products its arithmetic is; then images a second by batch size, and in bfloat16.
Operations of a step are those of a forward pass three times, as gradients by inputs and by weights
cost what it costs. Each is measured in a process of its own.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engine import figures_of, pack
from benchmarks.engine_task import INPUT_RANGE
from benchmarks.tables import markdown
from smearflow.cells.files import cell_files
from smearflow.model.batches import training_batches
from smearflow.model.quiet import keras, tf
from smearflow.model.training import new_model
from smearflow.params.model import Configuration
from smearflow.sides.side import load_side

BATCH = 64
BATCHES = (16, 32, 64, 128, 256)
TYPES = ("float32", "bfloat16")
PARTS = ("waiting for cells", "forward", "backward", "optimizer and metrics")
MATRIX = 2048  # a side of those multiplied
ROUNDS = 16

Measured = dict[str, float]


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.step", description=__doc__)
    parser.add_argument("--cells", type=Path, required=True, help="folder with images")
    parser.add_argument("--module", type=Path, required=True, action="append", dest="modules")
    parser.add_argument("--sizes", type=int, nargs="+", default=(64, 96), help="pixels a side")
    parser.add_argument("--alone", choices=TYPES, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.alone:
        print(json.dumps(measure(options.cells, options.modules[0], options.alone)))
        return
    files = cell_files(options.cells)[: 2 * max(BATCHES)]
    images = [file.read_bytes() for file in files]
    found: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            packed = pack(images, size, 1, Path(folder) / str(size))
            for module in options.modules:
                both = {kind: run_alone(packed, module, kind) for kind in TYPES}
                found[f"{module.name}, {size} px"] = both["float32"] | {
                    f"{name}, bfloat16": value
                    for name, value in both["bfloat16"].items()
                    if name in map(str, BATCHES)
                }
    print(*tables(found), sep="\n\n")


def run_alone(packed: Path, module: Path, kind: str) -> Measured:
    """Measure in a process of its own."""
    return figures_of("benchmarks.step", "--cells", packed, "--module", module, "--alone", kind)


def measure(packed: Path, module: Path, kind: str) -> Measured:
    """Milliseconds of each part, seconds until the first step is done, images a second by batch.

    Args:
        packed: folder of a side `train`.
        kind: of numbers, by TensorFlow's rewriting of graphs.
    """
    tf.config.threading.set_intra_op_parallelism_threads(1)
    if kind == "bfloat16":
        tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    side, configuration = load_side(packed, "train"), Configuration(batch_size=BATCH)
    started = time.perf_counter()
    model = new_model(side.pixels.shape[1], module, configuration, seed=1, input_range=INPUT_RANGE)
    step = tf.function(model.train_step)
    batches = {size: _batch(side.pixels, size) for size in BATCHES}
    step(batches[BATCH])
    found = {"first step": time.perf_counter() - started}
    reading = iter(training_batches(side, configuration.model_copy(update={"epochs": 99}), 1))
    ahead = tf.function(lambda pixels, _: tf.reduce_sum(model(pixels, training=True)))
    back = tf.function(partial(_gradient_norm, model))
    seconds = medians(
        {
            "waiting": lambda: next(reading),
            "ahead": partial(ahead, *batches[BATCH]),
            "back": partial(back, *batches[BATCH]),
            **{str(size): partial(step, batch) for size, batch in batches.items()},
        }
    )
    parts = np.diff([0.0, seconds["ahead"], seconds["back"], seconds[str(BATCH)]])
    found |= dict(zip(PARTS, 1000 * np.array([seconds["waiting"], *parts]), strict=True))
    found |= {str(size): size / seconds[str(size)] for size in BATCHES}
    asked = tf.function(lambda pixels: model(pixels, training=False))
    count = operations(asked.get_concrete_function(batches[BATCH][0]))
    return found | {"operations": 3 * count / seconds[str(BATCH)], "peak": matmul_peak()}


def _batch(pixels: np.ndarray, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    return tf.constant(pixels[:size]), tf.constant(np.arange(size) % 2)


def _gradient_norm(model: keras.Model, pixels: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
    with tf.GradientTape() as tape:
        loss = model.compute_loss(pixels, targets, model(pixels, training=True))
    return tf.linalg.global_norm(tape.gradient(loss, model.trainable_variables))


def operations(concrete: Any) -> float:
    """Floating-point operations of a function, those of the functions in it included."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    profiler = tf.compat.v1.profiler
    options = profiler.ProfileOptionBuilder(profiler.ProfileOptionBuilder.float_operation())
    graph = convert_variables_to_constants_v2(concrete).graph
    options = options.with_empty_output().build()
    return float(profiler.profile(graph, options=options).total_float_ops)


def matmul_peak() -> float:
    """Floating-point operations a second of a product of large matrices, in float32."""
    matrix = tf.random.stateless_normal((MATRIX, MATRIX), (1, 2))
    product = tf.function(lambda: tf.linalg.matmul(matrix, matrix))
    return 2 * MATRIX**3 / medians({"product": product})["product"]


def medians(works: Mapping[str, Callable[[], Any]]) -> dict[str, float]:
    """Seconds of one call of each, all in turn, the first round not counted: it traces."""
    rounds = [{name: _seconds(work) for name, work in works.items()} for _ in range(ROUNDS)][1:]
    return {name: statistics.median(each[name] for each in rounds) for name in works}


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    tf.nest.map_structure(lambda each: getattr(each, "numpy", int)(), work())
    return time.perf_counter() - started


def tables(found: dict[str, Measured]) -> tuple[str, str]:
    """Markdown: a row for each module and size, of the parts and of the batch sizes."""
    parts, rates = [], []
    for name, each in found.items():
        whole = sum(each[part] for part in PARTS)
        shares = [f"{each[part]:.1f} ({each[part] / whole:.0%})" for part in PARTS]
        speed = f"{each['operations'] / 1e9:.1f}", f"{each['operations'] / each['peak']:.0%}"
        parts.append((name, f"{each['first step']:.1f}", *shares, *speed))
        for kind, added in zip(TYPES, ("", ", bfloat16"), strict=True):
            rates.append((name, kind, *(f"{each[f'{size}{added}']:.0f}" for size in BATCHES)))
    peak = statistics.median(each["peak"] for each in found.values()) / 1e9
    columns = ("network", "s until the first step", *(f"{part}, ms" for part in PARTS))
    columns += ("GFLOP/s", f"of the {peak:.0f} of a matrix product")
    return markdown(columns, parts), markdown(("images a second", "", *BATCHES), rates)


if __name__ == "__main__":
    main()
