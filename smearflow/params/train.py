"""The section `train`: the final training."""

from typing import Annotated

from pydantic import Field, field_validator

from smearflow.ground.settings import Settings
from smearflow.params.model import Configuration, Given, Setting


class Train(Settings):
    """The final training; `configuration` overrides single values of tune's best."""

    epochs: Annotated[int, Field(ge=1)]
    early_stopping_patience: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=1)]
    configuration: Given

    @field_validator("configuration")
    @classmethod
    def _known(cls, values: Setting) -> Setting:
        Configuration.model_validate(values)
        return values
