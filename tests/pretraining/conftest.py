"""A recipe of seconds and what it makes."""

import pytest

from smearflow.pretraining.material import Material, render_material
from smearflow.pretraining.recipe import Recipe


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe(patients=4, cells=4, stored=32, sizes=(32,), steps=3, pairs=6, learning_rate=1e-3)


@pytest.fixture(scope="session")
def material(recipe: Recipe) -> Material:
    return render_material(recipe)
