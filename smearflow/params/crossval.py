"""The section `crossval`: cross-validation of one configuration."""

from typing import Annotated

from pydantic import Field, field_validator

from smearflow.ground.settings import Settings
from smearflow.params.model import Configuration

Seed = Annotated[int, Field(ge=1)]


class Crossval(Settings):
    """Patient-disjoint cross-validation of one configuration.

    Attributes:
        folds: that the patients are dealt to.
        seed: of the dealing.
        seeds: of the training: each predicts every cell once, on the same folds.
    """

    folds: Annotated[int, Field(ge=2)]
    seed: Seed
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] = (1,)
    configuration: Configuration

    @field_validator("seeds")
    @classmethod
    def _different(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is named twice")
        return seeds
