"""What backbones are worth on labelled cells: a table of linear probes.

    python -m benchmarks.probe --cells <folder> [--module <folder> ...] [--size 96]

The folder holds `<label>/<file>`. Beside the embedded backbone and the modules named, a network
with fresh weights is measured: the least that a backbone has to beat.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.tables import markdown
from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError
from smearflow.intake.cutting import Contents
from smearflow.intake.layout import understand
from smearflow.model.backbone import HubBackbone
from smearflow.model.batches import EVALUATION_BATCH
from smearflow.model.quiet import keras, tf
from smearflow.params.ingest import Source
from smearflow.pretraining.recipe import EMBEDDED, RECIPE
from smearflow.pretraining.tasks import build_network
from smearflow.sides.side import Side
from smearflow.splitting.packing import decode_all
from smearflow.studies.probe import linear_probe

Extract = Callable[[tf.Tensor], tf.Tensor]
"""From pixels float32 [n, size, size, 3] in [0, 1] to features [n, D]."""


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.probe", description=__doc__)
    parser.add_argument("--cells", type=Path, required=True, help="folder of the class folders")
    parser.add_argument("--module", type=Path, action="append", default=[], help="SavedModel")
    parser.add_argument("--size", type=int, default=96, help="pixels a side")
    parser.add_argument("--classes", nargs=2, default=["Uninfected", "Parasitized"])
    parser.add_argument("--pattern", help="finds (?P<patient>...) in file names; default: NIH's")
    parser.add_argument("--limit", type=int, help="so many cells, drawn at random")
    options = parser.parse_args(arguments)
    try:
        side = load_cells(
            options.cells, tuple(options.classes), options.size, options.pattern, options.limit
        )
        print(probe_table(backbones(options.module), side), flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def load_cells(
    folder: Path, classes: tuple[str, str], size: int, pattern: str | None, limit: int | None
) -> Side:
    """Read labelled cells into memory.

    Args:
        classes: names of the labels: negative, positive.
        limit: how many at most, drawn at random; None for all.

    Raises:
        SmearflowError: the folder holds no such labels.
        UndecodableError: a file is no image.
    """
    source = Source(name="cells", kind="folder", patient_pattern=pattern)
    listed = understand(folder, source, Labels.named(classes)).cells
    cells = sorted(listed, key=lambda cell: (classes.index(cell.label), cell.path))
    if limit is not None:
        chosen = np.random.default_rng(1).permutation(len(cells))[:limit]
        cells = [cells[index] for index in sorted(chosen)]
    table = pd.DataFrame(
        {
            "target": [classes.index(cell.label) for cell in cells],
            "patient": [str(cell.name.patient) for cell in cells],
        }
    )
    contents = Contents(cells)
    pixels = decode_all((contents.read(cell.path) for cell in cells), size, len(cells))
    return Side(np.stack(list(pixels)), table)


def backbones(modules: list[Path]) -> dict[str, Extract]:
    """What is to be compared: fresh weights, the embedded backbone, the modules, by name."""
    keras.utils.set_random_seed(1)
    named = {"fresh weights": _frozen(build_network(RECIPE))}
    return named | {folder.name: HubBackbone(folder) for folder in (EMBEDDED, *modules)}


def _frozen(network: keras.Model) -> Extract:
    return lambda pixels: network(pixels, training=False)


def probe_table(named: Mapping[str, Extract], side: Side) -> str:
    """A Markdown table with a row per backbone: mean accuracy and that of the weakest fold."""
    patients = len(np.unique(side.patients))
    rows = []
    for name, extract in named.items():
        probe = linear_probe(features_of(extract, side.pixels), side.targets, side.patients)
        folds = f"{min(probe.folds):.3f} to {max(probe.folds):.3f}"
        rows.append((name, f"{probe.accuracy:.4f}", folds))
    cells = f"{len(side.targets):,} cells of {patients} patients"
    return markdown((cells, "accuracy", "folds"), rows)


def features_of(extract: Extract, pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Features [n, D] of cells [n, size, size, 3]."""
    scaled: Any = tf.function(lambda batch: extract(tf.cast(batch, tf.float32) / 255))
    starts = range(0, len(pixels), EVALUATION_BATCH)
    return np.concatenate(
        [scaled(tf.constant(pixels[start : start + EVALUATION_BATCH])).numpy() for start in starts]
    )


if __name__ == "__main__":
    main()
