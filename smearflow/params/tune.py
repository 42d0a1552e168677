"""The section `tune`: the search."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from smearflow.ground.settings import Fraction, Settings
from smearflow.params.explore import Varied, check_varied

Seed = Annotated[int, Field(ge=0)]
Method = Literal["bayesian", "random", "hyperband"]


class Tune(Settings):
    """A search in the space that exploration wrote.

    Attributes:
        method: how trials are proposed: from what a model of those before expects; at random; or
            by Hyperband, at random and short, of which the best go on.
        trials: at most; Hyperband makes as many as it needs.
        at_once: trials proposed together; it decides which, so it is a setting of its own.
        validation_cells: of each patient who judges, at most; None: all. It counts for every run of
            the search, as `explore.validation_cells` for those of the exploration.
        finalists: how many of the best trials are run again as long as the final training, beside
            the defaults; 0: the best trial wins as it is.
        finalist_seeds: of these runs; each is judged by another fold of the patients of the sides
            train and validation, of as many folds as there are seeds.
        space: ranges and choices of a person's own; they win over what exploration found.
        seed: 0 would be drawn at random by Keras Tuner.
    """

    method: Method = "bayesian"
    trials: Annotated[int, Field(ge=1)]
    at_once: Annotated[int, Field(ge=1)]
    epochs: Annotated[int, Field(ge=1)]
    train_fraction: Fraction
    seed: Annotated[int, Field(ge=1)]
    validation_cells: Annotated[int, Field(ge=1)] | None = None
    finalists: Annotated[int, Field(ge=0)] = 0
    finalist_seeds: Annotated[tuple[Seed, ...], Field(min_length=2)] = (101, 102, 103)
    space: Varied = Field(default_factory=dict)

    @field_validator("space")
    @classmethod
    def _known(cls, space: Varied) -> Varied:
        check_varied(space)
        return space
