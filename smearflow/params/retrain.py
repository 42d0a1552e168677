"""The section `retrain`: when a retraining may start, and how much it tries."""

from typing import Annotated

from pydantic import Field

from smearflow.ground.settings import Settings


class Retrain(Settings):
    """Attributes:
    cooldown_hours: from the start of one retraining to the earliest start of the next.
    most_a_week: that start within seven days.
    least_labels: new ones of each class.
    least_groups: patients, or what else stays together, that new labels are of.
    most_rejected: challengers in a row; then a person is asked.
    longest_hours: one that has not ended by then was killed.
    trials: settings around the champion's that are tried.
    span: how far around: a factor for a learning rate, from its value divided by it to its value
        times it.
    """

    cooldown_hours: Annotated[float, Field(ge=0)] = 24.0
    most_a_week: Annotated[int, Field(ge=1)] = 3
    least_labels: Annotated[int, Field(ge=1)] = 10
    least_groups: Annotated[int, Field(ge=1)] = 2
    most_rejected: Annotated[int, Field(ge=1)] = 3
    longest_hours: Annotated[float, Field(gt=0)] = 24.0
    trials: Annotated[int, Field(ge=1)] = 2
    span: Annotated[float, Field(gt=1)] = 2.0
