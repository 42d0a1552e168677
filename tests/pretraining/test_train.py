from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import keras
import numpy as np
import numpy.typing as npt
import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.pretraining import train
from smearflow.pretraining.material import Material, render_material
from smearflow.pretraining.recipe import Recipe
from smearflow.pretraining.tasks import build_network
from smearflow.pretraining.train import pretrain


def pretrained(recipe: Recipe) -> list[npt.NDArray[np.float32]]:
    weights: list[npt.NDArray[np.float32]] = pretrain(
        recipe, render_material(recipe), print
    ).get_weights()
    return weights


def test_a_network_learns_every_task_at_once(recipe: Recipe, material: Material) -> None:
    said: list[str] = []
    weights = pretrain(recipe, material, said.append).get_weights()
    keras.utils.set_random_seed(recipe.seed)
    fresh = build_network(recipe).get_weights()  # what the training started from
    assert all((before != after).any() for before, after in zip(fresh, weights, strict=True))
    assert said[0].startswith("step 3 of 3")
    for task in ("names", "measures", "places", "views"):
        assert task in said[0]


@pytest.mark.slow
def test_the_same_recipe_gives_the_same_weights(recipe: Recipe) -> None:
    # in a process of its own: Keras draws seeds from Python's global random numbers, and so do
    # threads that other libraries have left in this one
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        first, again = process.map(pretrained, [recipe, recipe])
    assert all((one == two).all() for one, two in zip(first, again, strict=True))


def test_a_loss_that_is_not_finite_is_an_error(
    recipe: Recipe, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    # in place of a step, whose tracing takes longer than all else here
    monkeypatch.setattr(train, "_step", lambda *_: lambda *_: {"names": np.float32(np.nan)})
    with pytest.raises(SmearflowError, match="ceased to be finite"):
        pretrain(recipe, material, print)
