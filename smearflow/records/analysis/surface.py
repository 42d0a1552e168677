"""What all runs together say about each parameter."""

from typing import Literal

from smearflow.ground.record import Part
from smearflow.params.model import Value
from smearflow.records.analysis.evidence import Doubt, Evidence, Side
from smearflow.records.search.dimensions import Sampling


class Importance(Part):
    """How much one parameter accounts for.

    Attributes:
        share: of the variance of the log validation loss, lost when all terms of the parameter,
            products included, are removed; freed of what noise alone would give.
        low, high: its 95 % interval, by bootstrap.
        first: share of the resamples in which no other parameter has a larger share.
        p: of an F test that it has no effect near the good settings of the others.
        differs: whether its effect there is found to be another one than on average.
    """

    name: str
    share: float
    low: float
    high: float
    first: float
    p: float
    differs: bool


class Verdict(Part):
    """The one conclusion about a parameter, of which all statements about it are made.

    Attributes:
        found: whether it moves the loss near the good settings of the others: no effect is none
            that can be detected.
        rests_on: all runs together; those of them that are as long as the final training; or the
            experiments that compare nothing else.
        late: whether it regularises, and no run that tells was as long as the final training:
            only that it helps is believed then.
        doubt: why it is not known: the runs can't tell it from other parameters; without a single
            run the conclusion would be another one; near the good settings the effect may have the
            other sign; experiments of its own contradict it; it pays late, and the runs were short.
    """

    name: str
    found: Literal["effect", "none", "unknown"]
    rests_on: Literal["all_runs", "long_runs", "comparisons"] = "all_runs"
    late: bool = False
    doubt: Doubt | None = None

    @property
    def has_effect(self) -> bool:
        """Whether an effect is found."""
        return self.found == "effect"


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
    """

    name: str
    values: tuple[Value, ...]
    kept: tuple[Value, ...]
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
        helps: None where that is not known, or no effect is detectable.
    """

    name: str
    effect: float
    low: float
    high: float
    helps: bool | None
