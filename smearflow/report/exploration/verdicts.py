"""The one conclusion about a parameter, in words: whatever the page says of it is this."""

from collections.abc import Sequence

from smearflow.records.analysis.evidence import Doubt
from smearflow.records.analysis.surface import Verdict
from smearflow.report.text import enumerate_words, readable

DOUBTS: dict[Doubt, str] = {
    "untested": "the runs can't tell it from other parameters",
    "single_runs": "without single runs the conclusion would be another one",
    "elsewhere": "on average it has an effect, near the good settings perhaps the opposite one",
    "contradicted": "all runs together and an experiment of its own contradict each other",
    "short_runs": "it pays late, and no run was as long as the final training",
}

_RESTS_ON = {
    "all_runs": "yes",
    "long_runs": "yes, by runs as long as the final training",
    "comparisons": "yes, by an experiment of its own",
}


def told(verdict: Verdict) -> str:
    """Whether a parameter matters, and what that rests on or why it is not known."""
    if verdict.doubt is not None:
        return f"not known: {DOUBTS[verdict.doubt]}"
    if not verdict.has_effect:
        return "not detectably"
    late = "; it helps, though no run was as long as the final training" * verdict.late
    return _RESTS_ON[verdict.rests_on] + late


def not_known(verdicts: Sequence[Verdict]) -> str:
    """Of which parameters nothing is concluded, grouped by the reason; empty if there are none."""
    groups = []
    for doubt, reason in DOUBTS.items():
        names = [each.name for each in verdicts if each.doubt == doubt]
        if names:
            groups.append(f"{enumerate_words(names)} ({reason})")
    return f"Not known: {'; '.join(groups)}." if groups else ""


def conclusions(verdicts: Sequence[Verdict]) -> str:
    """What is concluded of the parameters of an experiment, from all that speaks of them."""
    return " ".join(
        f"Concluded of {readable(each.name)}, from all evidence: does it matter? {told(each)}."
        for each in verdicts
    )
