import numpy as np
import pytest

from smearflow.errors import SmearflowError
from smearflow.pretraining import train
from smearflow.pretraining.material import Material
from smearflow.pretraining.recipe import Recipe
from smearflow.pretraining.train import pretrain


def test_the_same_recipe_gives_the_same_weights(recipe: Recipe, material: Material) -> None:
    said: list[str] = []
    first, again = (pretrain(recipe, material, said.append).get_weights() for _ in range(2))
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    assert said[0].startswith("step 3 of 3")
    for task in ("names", "measures", "places", "views"):
        assert task in said[0]


def test_a_loss_that_is_not_finite_is_an_error(
    recipe: Recipe, material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    # in place of a step, whose tracing takes longer than all else here
    monkeypatch.setattr(train, "_step", lambda *_: lambda *_: {"names": np.float32(np.nan)})
    with pytest.raises(SmearflowError, match="ceased to be finite"):
        pretrain(recipe, material, print)
