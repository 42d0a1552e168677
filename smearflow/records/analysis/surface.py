"""What all runs together say about each parameter."""

from smearflow.ground.record import Part
from smearflow.params.model import Value
from smearflow.records.analysis.evidence import Evidence, Side
from smearflow.records.search.dimensions import Sampling


class Importance(Part):
    """How much one parameter accounts for.

    Attributes:
        share: of the variance of the log validation loss, lost when all terms of the parameter,
            products included, are removed; freed of what noise alone would give.
        low, high: its 95 % interval, by bootstrap.
        first: share of the resamples in which no other parameter has a larger share.
        important: whether an F test finds it.
        tested: whether the runs can tell it from the other parameters at all.
    """

    name: str
    share: float
    low: float
    high: float
    first: float
    important: bool
    tested: bool


class Importances(Part):
    """Which parameters move the validation loss.

    Attributes:
        parameters: the largest share first; none where too few runs trained.
        noise: standard deviation of the log loss between runs alike; None: not known.
        explained: share of the variance; None: not known.
    """

    parameters: tuple[Importance, ...] = ()
    noise: float | None = None
    explained: float | None = None


class Interaction(Part):
    """Two parameters varied together.

    Attributes:
        p: of no interaction, corrected for all tests of pairs.
        found: whether they must be tuned together.
    """

    parameters: tuple[str, str]
    p: float
    found: bool


class Interactions(Part):
    """The pairs that were tested, the found ones first."""

    pairs: tuple[Interaction, ...] = ()


class GoodInterval(Part):
    """Values of a number.

    Attributes:
        searched: the lowest and the highest that experiments name.
        good: the lowest and the highest whose loss lies within the noise of one run of the lowest,
            or that a resample calls the best.
        moved: the side on which the best lies at a bound that can be moved; None: no such.
    """

    name: str
    searched: tuple[int | float, int | float]
    sampling: Sampling
    good: tuple[int | float, int | float]
    best: int | float
    moved: Side | None
    evidence: tuple[Evidence, ...]


class GoodChoice(Part):
    """Values of a choice.

    Attributes:
        values: all that runs had.
        kept: those of them that are not worse for sure.
        important: whether the parameter has a detectable effect.
    """

    name: str
    values: tuple[Value, ...]
    kept: tuple[Value, ...]
    important: bool
    evidence: tuple[Evidence, ...]


class GoodValues(Part):
    """Good values of each parameter that experiments vary."""

    parameters: tuple[GoodInterval, ...] = ()
    choices: tuple[GoodChoice, ...] = ()

    def of(self, name: str) -> GoodInterval | None:
        """Those of a number, if it was varied in enough runs."""
        return next((each for each in self.parameters if each.name == name), None)


class Regulariser(Part):
    """What a moderate dose of a parameter does.

    Attributes:
        effect: relative change of the validation loss, compared with none of it.
        low, high: its 95 % interval.
        helps: None where no effect is detectable.
    """

    name: str
    effect: float
    low: float
    high: float
    helps: bool | None
