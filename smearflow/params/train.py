"""The section `train`: the final training."""

from typing import Annotated

from pydantic import Field, field_validator

from smearflow.params.model import Configuration, Ending, Given, Setting


class Train(Ending):
    """The final training; `configuration` overrides single values of tune's best."""

    seed: Annotated[int, Field(ge=1)]
    configuration: Given

    @field_validator("configuration")
    @classmethod
    def _known(cls, values: Setting) -> Setting:
        Configuration.model_validate(values)
        return values
