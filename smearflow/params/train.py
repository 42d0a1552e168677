"""The section `train`: the final training."""

from typing import Annotated

from pydantic import Field, field_validator

from smearflow.ground.settings import Settings
from smearflow.params.model import Configuration, Given, Setting


class Length(Settings):
    """How long the final training is."""

    epochs: Annotated[int, Field(ge=1)]


class Train(Length):
    """The final training; `configuration` overrides single values of tune's best."""

    early_stopping_patience: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=1)]
    configuration: Given

    @field_validator("configuration")
    @classmethod
    def _known(cls, values: Setting) -> Setting:
        Configuration.model_validate(values)
        return values
