"""Evidence in words: a phrase for every reason of `smearflow.analysis.evidence`."""

from collections.abc import Callable, Mapping, Sequence

from smearflow.analysis.bounds import STABILITY
from smearflow.analysis.evidence import Evidence
from smearflow.experiments.plan import label


def phrase(evidence: Sequence[Evidence]) -> str:
    """Pieces of evidence, `; ` between them."""
    return "; ".join(_PHRASES[each["reason"]](each) for each in evidence)


def _lowest_loss(found: Evidence) -> str:
    words = f"the loss is lowest at {found['value']:.3g}"
    if found["times"] is not None:
        words += f", {found['times']:.2g} times that at the worse end"
    return words


def _best_at_end(found: Evidence) -> str:
    end = "upper" if found["side"] == "up" else "lower"
    beyond = {
        "moves": ": the bound moves out",
        "nothing": ", and no value lies beyond it",
        "failed": f", but runs failed at {found['failed_at'] or 0.0:.3g}",
    }
    share = f"{found['share']:.0%} of the resamples"
    return f"best at the {end} end in {share}{beyond[found['beyond']]}"


def _worse_together(found: Evidence) -> str:
    worse = ", ".join(label({found["parameter"]: each}) for each in found["values"])
    return f"all runs taken together, detectably higher loss: {worse}"


def _compared(found: Evidence) -> str:
    worse = ", ".join(found["worse"])
    return f"detectably worse: {worse}" if worse else "none is detectably worse"


def _failed_with(found: Evidence) -> str:
    kinds = ", ".join(
        f"{name} {' or '.join(map(str, found['kinds'][name]))}"
        for name in STABILITY
        if found["kinds"][name] != [None]
    )
    return f"failed at {found['value']:.3g} with {kinds}"


_PHRASES: Mapping[str, Callable[[Evidence], str]] = {
    "no_effect": lambda _: "no detectable effect",
    "no_effect_between": lambda _: "no detectable effect between these values",
    "no_effect_up_to": lambda found: f"no detectable effect up to {found['value']:.3g}",
    "runs_failed": lambda found: f"runs failed at {found['value']:.3g}",
    "lowest_loss": _lowest_loss,
    "best_at_end": _best_at_end,
    "worse_together": _worse_together,
    "unsure": lambda _: "it matters, but which is best here is not sure",
    "compared": _compared,
    "not_explored": lambda _: "not explored: as configured",
    "failed_with": _failed_with,
    "only_with": lambda found: f"only {found['value']} has it",
}
