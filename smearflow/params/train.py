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

    def at_full_length(self, start: Configuration) -> Configuration:
        """A configuration as it is trained last, with the values that a person set for that."""
        own = {
            "epochs": self.epochs,
            "early_stopping_patience": self.early_stopping_patience,
        }
        return Configuration.model_validate(start.model_dump() | own | self.configuration)
