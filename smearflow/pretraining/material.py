"""The cells a backbone learns from, and what is known about each."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from PIL import Image

from smearflow.images.decode import resize
from smearflow.parallel import ordered_map
from smearflow.pretraining.recipe import Recipe
from smearflow.sample.artefacts import ARTEFACTS
from smearflow.sample.cell import RenderedCell, render_cell
from smearflow.sample.parasites import KINDS

# What may be true of a cell: the answers of the task "naming", in the order of `Material.names`.
NAMES = ("infected", "several", "at_rim", *KINDS, *ARTEFACTS, "cut", "neighbour")
# What is measured in a cell, in the order of `Material.measures`.
MEASURES = ("blur", "pallor", "strength")
MARK_STEP = 4  # pixels of a stored image that share a value of `Material.marks`


@dataclass(frozen=True)
class Material:
    """Rendered cells with the truth about them.

    Attributes:
        pixels: uint8 RGB [n, stored, stored, 3].
        marks: share of each square of MARK_STEP pixels that is parasite, 255 = all of it; uint8
            [n, stored / MARK_STEP, stored / MARK_STEP, 1].
        names: 1 where one of NAMES is true; float32 [n, len(NAMES)].
        measures: standardised, float32 [n, len(MEASURES)].
    """

    pixels: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint8]
    names: npt.NDArray[np.float32]
    measures: npt.NDArray[np.float32]


def render_material(recipe: Recipe) -> Material:
    """Render all cells of a recipe, over all cores; half of them are infected."""
    count = recipe.patients * recipe.cells
    size, marked = recipe.stored, recipe.stored // MARK_STEP
    pixels = np.empty((count, size, size, 3), np.uint8)
    marks = np.empty((count, marked, marked, 1), np.uint8)
    names = np.empty((count, len(NAMES)), np.float32)
    measures = np.empty((count, len(MEASURES)), np.float32)
    rendered = ordered_map(partial(_render, recipe=recipe), range(count), count)
    for row, (own_pixels, own_marks, own_names, own_measures) in enumerate(rendered):
        pixels[row], marks[row, ..., 0] = own_pixels, own_marks
        names[row], measures[row] = own_names, own_measures
    measures = (measures - measures.mean(axis=0)) / (measures.std(axis=0) + 1e-6)
    return Material(pixels, marks, names, measures)


def _render(
    number: int, recipe: Recipe
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], list[bool], list[float]]:
    patient, place = divmod(number, recipe.cells)
    wild = float(np.random.default_rng((recipe.seed, patient)).uniform(0, recipe.wildest))
    cell = render_cell(
        recipe.seed, recipe.first_patient + patient, place, place % 2 == 0, wild=wild
    )
    marked = recipe.stored // MARK_STEP
    mask = Image.fromarray(cell.mask.astype(np.uint8) * 255)
    marks = np.asarray(mask.resize((marked, marked), Image.Resampling.BOX))
    return resize(Image.fromarray(cell.pixels), recipe.stored), marks, _names(cell), _measures(cell)


def _names(cell: RenderedCell) -> list[bool]:
    kinds = {each.kind for each in cell.parasites}
    return [
        cell.infected,
        len(cell.parasites) > 1,
        any(each.at_rim for each in cell.parasites),
        *(kind in kinds for kind in KINDS),
        *(kind == cell.artefact for kind in ARTEFACTS),
        cell.cut,
        cell.neighbour,
    ]


def _measures(cell: RenderedCell) -> list[float]:
    strength = max((each.strength for each in cell.parasites), default=0.0)
    return [float(np.log(cell.blur / cell.diameter)), cell.pallor, strength]
