import dataclasses

import numpy as np

from smearflow.pretraining.material import MEASURES, NAMES, Material, render_material
from smearflow.pretraining.recipe import RECIPE, Recipe


def test_truth_belongs_to_the_pixels(material: Material) -> None:
    infected = material.names[:, NAMES.index("infected")] == 1
    assert infected.mean() == 0.5
    assert material.pixels.shape == (16, 32, 32, 3)
    assert material.marks.shape == (16, 8, 8, 1)
    assert (material.marks[infected].max(axis=(1, 2, 3)) > 0).all()
    assert (material.marks[~infected] == 0).all()
    for name in ("several", "at_rim", "ring"):
        assert (material.names[~infected, NAMES.index(name)] == 0).all()
    # a marked square is stained: darker than its cell
    row = int(np.flatnonzero(infected)[0])
    place = np.unravel_index(material.marks[row, ..., 0].argmax(), (8, 8))
    square = material.pixels[row].reshape(8, 4, 8, 4, 3).mean(axis=(1, 3, 4))
    assert square[place] < np.median(square)


def test_measures_are_standardised(material: Material) -> None:
    assert material.measures.shape == (16, len(MEASURES))
    assert np.allclose(material.measures.mean(axis=0), 0, atol=1e-5)
    assert np.allclose(material.measures.std(axis=0), 1, atol=1e-3)


def test_cells_depend_on_the_seed_alone(recipe: Recipe, material: Material) -> None:
    again = render_material(recipe)
    other = render_material(dataclasses.replace(recipe, seed=recipe.seed + 1))
    assert (again.pixels == material.pixels).all()
    assert (again.measures == material.measures).all()
    assert (other.pixels != material.pixels).any()


def test_no_other_rendered_data_has_these_patients() -> None:
    # samples have patients below 1000, batch n those from 1000 n on
    assert RECIPE.first_patient >= 1_000_000
    assert RECIPE.seed > 1_000_000
