"""Whether a challenger takes the place of the champion: a rule, and what it says of comparisons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from smearflow.records.contest import Comparison
from smearflow.records.figures import Difference

HELD = ("accuracy", "sensitivity", "specificity")
"""The figures in which a challenger must not be worse."""

Answer = Literal["promoted", "rejected", "undecided"]


class Rule(NamedTuple):
    """What is asked of a challenger.

    Attributes:
        margin: by how much a figure may be worse.
        least_patients: of a class, that tell anything about a site.
        primary_metric: a higher value of it is better.
    """

    margin: float
    least_patients: int
    primary_metric: str


@dataclass(frozen=True)
class Ruling:
    """What becomes of a challenger, and why in one sentence."""

    answer: Answer
    reason: str


def should_promote(comparisons: Sequence[Comparison], rule: Rule) -> Ruling:
    """Promote a challenger that is shown to be no worse than each model it is compared with.

    No worse: in accuracy, sensitivity and specificity its difference to the other model is, by the
    lower bound of a one-sided interval, not below minus the margin (non-inferiority, Piaggio et al.
    2012). It is rejected where it is shown to be worse: no such proof, and the whole 95 % interval
    below zero. Else there are too few patients to tell, and a person may decide.

    At a site that is new to the champion it must be better, too: to judge its cells better is what
    it was trained for. Its accuracy there is to be higher, as far as the patients of that site are
    enough to tell; how sure that is, the comparison says.

    Args:
        comparisons: with the champion, on all sites together and on each; and with the best former
            champions on the first site, the floor: else a margin a time leads downhill.
    """
    enough = [each for each in comparisons if each.patients >= rule.least_patients]
    few = [each for each in comparisons if each.needed and each.patients < rule.least_patients]
    found = [(each, *one) for each in enough for one in _held(each)]
    if worse := [one for one in found if _is_worse(one[2], rule.margin)]:
        return Ruling("rejected", f"worse: {_list(worse, rule)}")
    if few:
        each = few[0]
        needed = f"{each.patients} test patients of a class, {rule.least_patients} are needed"
        return Ruling("undecided", f"too few to tell: {_place(each)} has {needed}")
    if open_ := [one for one in found if not one[2].no_worse_by(rule.margin)]:
        return Ruling("undecided", f"too few to tell: {_list(open_, rule)}")
    if lost := [each for each in enough if each.new and not _gains(each)]:
        told = "; ".join(_told(each, "accuracy", each.differences["accuracy"]) for each in lost)
        return Ruling("undecided", f"no better where it should be: {told}")
    champion = next(each for each in enough if each.standing == "champion" and each.site is None)
    primary = champion.differences[rule.primary_metric]
    word = "better" if primary.at_least is not None and primary.at_least > 0 else "no worse"
    return Ruling("promoted", f"{word}: {_told(champion, rule.primary_metric, primary)}")


def _held(comparison: Comparison) -> Iterator[tuple[str, Difference]]:
    """The differences that the rule is about.

    One that a site's cells leave undefined, as they are all of one class, tells nothing there.
    """
    for name in HELD:
        difference = comparison.differences.get(name)
        if difference is None:
            continue  # of a floor, which is the best in something else
        if comparison.site is None or difference.value is not None:
            yield name, difference


def _is_worse(difference: Difference, margin: float) -> bool:
    shown_below = difference.high is not None and difference.high < 0
    return shown_below and not difference.no_worse_by(margin)


def _gains(comparison: Comparison) -> bool:
    value = comparison.differences["accuracy"].value
    return value is None or value > 0  # undefined: no cells


def _list(found: Sequence[tuple[Comparison, str, Difference]], rule: Rule) -> str:
    told = "; ".join(_told(*one) for one in found)
    return f"{told}; not below {-rule.margin:+.3f} was to be shown"


def _told(comparison: Comparison, metric: str, difference: Difference) -> str:
    if difference.value is None or difference.at_least is None:
        return f"{metric} is undefined at {_place(comparison)}"
    once = "" if comparison.standing == "champion" else f" against {comparison.rival}, once in use,"
    return (
        f"{metric} {difference.value:+.4f}{once} at {_place(comparison)}, "
        f"at least {difference.at_least:+.4f}"
    )


def _place(comparison: Comparison) -> str:
    new = " (new to the model in use)" if comparison.new else ""
    return f"{comparison.site}{new}" if comparison.site else "all sites"
