"""Why a value is good, a bound moves or a parameter is dropped: a reason and its numbers, no words.

`smearflow.report.exploration.evidence` has a phrase for each.
"""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.record import Part
from smearflow.params.model import Value

Side = Literal["down", "up"]
Beyond = Literal["moves", "failed", "nothing", "flat"]
Doubt = Literal["untested", "single_runs", "elsewhere", "contradicted", "short_runs"]
Kinds = dict[str, tuple[Value, ...]]
"""Values of fields that decide from which learning rate on training fails."""


class NoEffect(Part):
    """Of a choice: no value of it is detectably better than another."""

    reason: Literal["no_effect"] = "no_effect"


class NoEffectBetween(Part):
    """Of a number: none between the bounds searched."""

    reason: Literal["no_effect_between"] = "no_effect_between"


class NoEffectUpTo(Part):
    """Of a number: none up to a value, beyond which runs failed."""

    reason: Literal["no_effect_up_to"] = "no_effect_up_to"
    value: int | float


class RunsFailed(Part):
    """Runs failed from this value on."""

    reason: Literal["runs_failed"] = "runs_failed"
    value: float


class LowestLoss(Part):
    """The surface is lowest at a value; at the worse end it is so many times that, if known."""

    reason: Literal["lowest_loss"] = "lowest_loss"
    value: int | float
    times: float | None


class BestAtEnd(Part):
    """The best lies at an end of what was searched.

    Attributes:
        share: of the resamples that have it there.
        beyond: whether the bound moves out, runs failed beyond it, nothing lies there, or the loss
            does not detectably fall towards it.
        failed_at: from where on runs failed, where that is why it stays.
    """

    reason: Literal["best_at_end"] = "best_at_end"
    side: Side
    share: float
    beyond: Beyond
    failed_at: float | None = None


class WorseTogether(Part):
    """Of a choice: all runs together show a higher loss with these values."""

    reason: Literal["worse_together"] = "worse_together"
    parameter: str
    values: tuple[Value, ...]


class Unsure(Part):
    """Of a choice: it matters, but which value is best is not sure."""

    reason: Literal["unsure"] = "unsure"


class NotKnown(Part):
    """The runs show no effect of which one can be sure, nor that there is none."""

    reason: Literal["not_known"] = "not_known"
    doubt: Doubt


class PaysLate(Part):
    """It regularises: shorter runs than the final training don't tell what it is worth there."""

    reason: Literal["pays_late"] = "pays_late"
    epochs: int


class Compared(Part):
    """An experiment of its own found these alternatives worse, perhaps none."""

    reason: Literal["compared"] = "compared"
    worse: tuple[str, ...]


class NotExplored(Part):
    """Nothing varied it."""

    reason: Literal["not_explored"] = "not_explored"


class FailedWith(Part):
    """Runs with these values of other parameters failed from a value on."""

    reason: Literal["failed_with"] = "failed_with"
    value: float
    kinds: Kinds


class OnlyWith(Part):
    """It means something only with a value of another parameter, which is not searched."""

    reason: Literal["only_with"] = "only_with"
    parameter: str
    value: str


Evidence = Annotated[
    NoEffect
    | NoEffectBetween
    | NoEffectUpTo
    | RunsFailed
    | LowestLoss
    | BestAtEnd
    | WorseTogether
    | Unsure
    | NotKnown
    | PaysLate
    | Compared
    | NotExplored
    | FailedWith
    | OnlyWith,
    Field(discriminator="reason"),
]
