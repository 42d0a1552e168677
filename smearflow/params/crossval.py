"""The section `crossval`: cross-validation of one configuration."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings
from smearflow.params.model import Configuration


class Crossval(Settings):
    """Patient-disjoint cross-validation of one configuration."""

    folds: Annotated[int, Field(ge=2)]
    seed: Annotated[int, Field(ge=1)]
    configuration: Configuration
