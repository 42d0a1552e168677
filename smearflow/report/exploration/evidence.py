"""Evidence in words: a phrase for every reason of `smearflow.records.analysis.evidence`."""

from collections.abc import Sequence

from smearflow.analysis.rates import STABILITY
from smearflow.experiments.plan import name_of
from smearflow.records.analysis.evidence import (
    BestAtEnd,
    Compared,
    Evidence,
    FailedWith,
    LowestLoss,
    NoEffect,
    NoEffectBetween,
    NoEffectUpTo,
    NotExplored,
    NotKnown,
    OnlyWith,
    PaysLate,
    RunsFailed,
    Unsure,
    WorseTogether,
)
from smearflow.report.exploration.verdicts import DOUBTS


def phrase(evidence: Sequence[Evidence]) -> str:
    """Pieces of evidence, `; ` between them."""
    return "; ".join(map(_phrase, evidence))


def _phrase(found: Evidence) -> str:
    match found:
        case NoEffect():
            return "no detectable effect"
        case NoEffectBetween():
            return "no detectable effect between these values"
        case NoEffectUpTo():
            return f"no detectable effect up to {found.value:.3g}"
        case RunsFailed():
            return f"runs failed at {found.value:.3g}"
        case LowestLoss():
            return _lowest_loss(found)
        case BestAtEnd():
            return _best_at_end(found)
        case WorseTogether():
            worse = ", ".join(name_of({found.parameter: each}) for each in found.values)
            return f"all runs taken together, detectably higher loss: {worse}"
        case Unsure():
            return "it matters, but which is best here is not sure"
        case NotKnown():
            return f"not known: {DOUBTS[found.doubt]}"
        case PaysLate():
            return (
                f"not known: it pays late, and no run had the {found.epochs} epochs of the final "
                "training"
            )
        case Compared():
            worse = ", ".join(found.worse)
            return f"detectably worse: {worse}" if worse else "none is detectably worse"
        case NotExplored():
            return "not explored: as configured"
        case FailedWith():
            return _failed_with(found)
        case OnlyWith():
            return f"only {found.value} has it"


def _lowest_loss(found: LowestLoss) -> str:
    words = f"the loss is lowest at {found.value:.3g}"
    if found.times is not None:
        words += f", {found.times:.2g} times that at the worse end"
    return words


def _best_at_end(found: BestAtEnd) -> str:
    end = "upper" if found.side == "up" else "lower"
    beyond = {
        "moves": ": the bound moves out",
        "nothing": ", and no value lies beyond it",
        "flat": ", towards which the loss does not detectably fall: it stays",
        "failed": f", but runs failed at {found.failed_at or 0.0:.3g}",
    }
    share = f"{found.share:.0%} of the resamples"
    return f"best at the {end} end in {share}{beyond[found.beyond]}"


def _failed_with(found: FailedWith) -> str:
    kinds = ", ".join(
        f"{name} {' or '.join(map(str, found.kinds[name]))}"
        for name in STABILITY
        if found.kinds[name] != (None,)
    )
    return f"failed at {found.value:.3g} with {kinds}"
