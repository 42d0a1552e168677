"""The section `evaluate`: the look at the test set."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Evaluate(Settings):
    """The look at the test set."""

    bootstrap_samples: Annotated[int, Field(ge=100)]
    seed: Annotated[int, Field(ge=1)]
    despite_missed_targets: bool
