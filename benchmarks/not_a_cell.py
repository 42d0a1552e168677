"""What share of images that are no cell is refused, and of real cells of patients never seen.

    python -m benchmarks.not_a_cell --run runs/nih --other <folder of another laboratory's cells>

Judged as `smearflow predict` judges an image among the cells of a patient: by size and content, by
the distance of its embedding, and by what examples of no cell have taught.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from benchmarks.no_cells import ALONE, OF_CELLS
from benchmarks.tables import head, row
from smearflow.cells.files import cell_files
from smearflow.cells.raw import RawCells
from smearflow.edge.plausible import why_no_cell
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import decode, resize
from smearflow.images.stain import normalised, own_stain
from smearflow.sides.side import Side, load_side

Mask = npt.NDArray[np.bool_]
Stains = Mapping[str, npt.NDArray[np.float64]]

TOGETHER = 6  # cells of a patient that a maker of no cells gets
WAYS = ("size and content", "+ distance", "+ examples", "all")


@dataclass(frozen=True)
class Refused:
    """Which images are refused [n], by size or content, by distance, by examples."""

    implausible: Mask
    far: Mask
    like_none: Mask

    def shares(self, where: Mask | slice = slice(None)) -> list[float]:
        """Of the images, by WAYS: what size and content refuse counts in each."""
        plain = self.implausible[where]
        far, none = (plain | each[where] for each in (self.far, self.like_none))
        return [float(each.mean()) for each in (plain, far, none, far | none)]


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.not_a_cell", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with outputs/ of a run")
    parser.add_argument("--other", type=Path, help="cells of another laboratory")
    parser.add_argument("--images", type=int, default=1000, help="of each kind that is no cell")
    options = parser.parse_args(arguments)
    try:
        for line in table(options.run, options.other, options.images):
            print(line, flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def table(run: Path, other: Path | None, images: int) -> Iterator[str]:
    """A Markdown table: a row per kind of image, a column per way of judging.

    Args:
        run: folder of a run on segmented cells whose stage export has ended.
        other: folder of cells of another laboratory.
        images: of each kind that is no cell.
    """
    model, test = EdgeModel(run / "outputs/export"), load_side(run / "outputs/split", "test")
    yield head("share refused", *WAYS)
    cells = refused(model, test.pixels, np.zeros(len(test.targets), bool))
    yield _line(f"test cells ({len(test.targets):,})", cells.shares())
    by_patient = [cells.shares(test.patients == each) for each in np.unique(test.patients)]
    yield _line("of them, of the worst patient", np.max(by_patient, axis=0).tolist())
    if other is not None:
        own = [decode(file.read_bytes()).image for file in cell_files(other)]
        pixels = model.prepared(_sized(own, model.image_size), ["other"] * len(own))
        name = f"another laboratory's cells ({len(own):,})"
        yield _line(name, refused(model, pixels, implausible(model, own)).shares())
    for name, made, stains in _no_cells(run, model, test, images):
        pixels = _sized(made, model.image_size)
        if model.stain_normalised:
            pixels = np.concatenate(
                [normalised(one[None], stain) for one, stain in zip(pixels, stains, strict=True)]
            )
        yield _line(name, refused(model, pixels, implausible(model, made)).shares())


def implausible(model: EdgeModel, images: Sequence[Image.Image]) -> Mask:
    """Which images size or content refuse, [n]."""
    return np.array([why_no_cell(image, model.cell) is not None for image in images])


def refused(model: EdgeModel, pixels: npt.NDArray[np.uint8], already: Mask) -> Refused:
    """How a model judges images [n, S, S, 3], some of which are refused already [n]."""
    novelty = model.novelty
    if novelty is None or novelty.examples is None or novelty.most_odds is None:
        raise SmearflowError("the model knows no examples of no cell", "run the stage export again")
    embeddings = model.predict(pixels)[1]
    far = novelty.usual.distances(embeddings) > novelty.limit
    return Refused(already, far, novelty.examples.log_odds(pixels) > novelty.most_odds)


def _no_cells(
    run: Path, model: EdgeModel, test: Side, images: int
) -> Iterator[tuple[str, list[Image.Image], list[npt.NDArray[np.float64]]]]:
    """Per kind: its name, images, and for each the stain of the slide on which it was found."""
    rng = np.random.default_rng(1)
    paths, patients = test.table["path"].to_numpy(str), np.unique(test.patients)
    with RawCells(run / "outputs/ingest/raw") as raw:

        def cells(names: npt.NDArray[np.str_]) -> list[Image.Image]:
            return [decode(raw.read(name)).image for name in names]

        own = {each: paths[test.patients == each] for each in patients}
        stains: Stains = {
            each: np.median(
                [own_stain(one) for one in _sized(cells(own[each]), model.image_size)], axis=0
            )
            for each in patients
        }
        for name in (*ALONE, *OF_CELLS):
            found = rng.choice(patients, images)
            made = [
                ALONE[name](rng)
                if name in ALONE
                else OF_CELLS[name](rng, cells(rng.choice(own[each], TOGETHER)))
                for each in found
            ]
            yield name, made, [stains[each] for each in found]


def _sized(images: Sequence[Image.Image], size: int) -> npt.NDArray[np.uint8]:
    return np.stack([resize(image, size) for image in images])


def _line(name: str, shares: Sequence[float]) -> str:
    return row(name, *(f"{share:.1%}" for share in shares))


if __name__ == "__main__":
    main()
