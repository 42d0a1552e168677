"""What a model is worth on labelled cells of a laboratory that it has never seen.

    python -m benchmarks.elsewhere --run runs/nih --cells <folder with one folder per class>

Of all cells at once, and of slides of which only a few cells have arrived, down to one: so many it
takes until a slide's own stain is known. At the model's own threshold; all cells are taken for
those of one slide.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from benchmarks.tables import head, row
from smearflow.assessment.prior_shift import in_company
from smearflow.cells.files import cell_files
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import classification_metrics
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import pixels_of
from smearflow.records.figures import Figures

ARRIVED = (1, 3, 10, 30, 100)  # cells of the slide that its stain is told by
SEED = 1


class Taker(Protocol):
    """What decides how cells are read."""

    @property
    def classes(self) -> tuple[str, str]:
        """Negative, positive."""

    @property
    def image_size(self) -> int:
        """Pixels a side."""


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.elsewhere", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with outputs/ of a run")
    parser.add_argument("--cells", type=Path, required=True, help="folder of class folders")
    options = parser.parse_args(arguments)
    try:
        for line in table(options.run, options.cells):
            print(line, flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def table(run: Path, cells: Path) -> Iterator[str]:
    """A Markdown table: a row per way of judging.

    Args:
        run: folder of a run whose stage evaluate has ended.
        cells: labelled by the names of their folders.

    Raises:
        SmearflowError: a class has no folder.
    """
    model = EdgeModel(run / "outputs/export")
    pixels, targets = read_labelled(model, cells)
    yield head("cells judged", "accuracy", "sensitivity", "specificity", "ROC AUC")
    alone = model.predict(model.prepared(pixels, [""] * len(pixels)))[0]
    yield _row("all at once", targets, alone, model.threshold)
    company = Figures.read(run).in_company
    if company is not None:
        together = in_company(alone, [""] * len(alone), company.usual_share)
        yield _row("all at once, in company", targets, together, company.threshold)
    for arrived in ARRIVED if model.stain_normalised else ():
        slides = slides_of(len(pixels), arrived)
        found = model.predict(model.prepared(pixels, slides.tolist()))[0]
        yield _row(f"stain told by {arrived}", targets, found, model.threshold)
    yield _row("stain as it is", targets, model.predict(pixels)[0], model.threshold)


def read_labelled(model: Taker, cells: Path) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int8]]:
    """Pixels [n, S, S, 3] and targets [n] of a folder with a folder for each class."""
    folders = [cells / name for name in model.classes]
    by_class = [cell_files(folder) if folder.is_dir() else [] for folder in folders]
    for folder, files in zip(folders, by_class, strict=True):
        if not files:
            raise SmearflowError(f"{folder} holds no cells", "name a folder of class folders")
    files = [file for of_class in by_class for file in of_class]
    targets = np.repeat([0, 1], [len(of_class) for of_class in by_class]).astype(np.int8)
    return np.stack([pixels_of(file.read_bytes(), model.image_size) for file in files]), targets


def slides_of(cells: int, arrived: int) -> npt.NDArray[np.intp]:
    """Cells dealt at random to slides of so many cells each, [cells]."""
    order = np.random.default_rng(SEED).permutation(cells)
    slides = np.empty(cells, np.intp)
    slides[order] = np.arange(cells) // arrived
    return slides


def _row(
    name: str,
    targets: npt.NDArray[np.int8],
    probabilities: npt.NDArray[np.floating],
    threshold: float,
) -> str:
    found = classification_metrics(targets, probabilities, threshold)
    shown = (f"{found[each]:.3f}" for each in ("accuracy", "sensitivity", "specificity", "roc_auc"))
    return row(name, *shown)


if __name__ == "__main__":
    main()
