"""Where a class is rare: what its figures say there, and what accuracy does not."""

import math

from smearflow.params.problem import RARE
from smearflow.records.figures import Estimate, Figures

_SURE = frozenset({"accuracy", "sensitivity"})  # the second one is asked for in every run


def constant_accuracy(figures: Figures) -> float | None:
    """Of a model that gives every cell the commoner class; None where neither is rare."""
    positive = _positive(figures)
    common = max(positive, 1 - positive)
    return common if common > 1 - RARE else None


def says_little(figures: Figures) -> bool:
    """Whether a model that never says the rarer class would meet all that was asked but for it."""
    reached = constant_accuracy(figures)
    asked = {target.metric: target.target for target in figures.targets}
    return reached is not None and asked.get("accuracy", 1) <= reached and asked.keys() <= _SURE


def accuracy_told(figures: Figures, classes: tuple[str, str]) -> str | None:
    """What accuracy is worth; None where neither class is rare."""
    reached, own = constant_accuracy(figures), figures.model["accuracy"].value
    if reached is None or own is None:
        return None
    common, rare = classes if _positive(figures) < 0.5 else classes[::-1]
    return (
        f"Only {percent(1 - reached)} of the test cells are {rare}: calling every cell {common} "
        f"would be right on {percent(reached)} of them, and it is on {percent(own)}, so accuracy "
        "says little."
    )


def precision_told(figures: Figures, classes: tuple[str, str]) -> str | None:
    """Precision where the model will be used; None where nobody stated that, and none are rare."""
    found = figures.at_prevalence
    if found is None or not (found.stated or _positive(figures) < RARE):
        return None
    like = "" if found.stated else ", as on the test side"
    where = f"where {percent(found.prevalence)} of cells are {classes[1]}{like}"
    if found.model.value is None:
        return f"It calls no cell {classes[1]}, {where}."
    return f"Of 100 cells that it calls {classes[1]}, {_of_100(found.model)} are, {where}."


def percent(share: float) -> str:
    """`2.0%`, with the digits that a share near none or all needs."""
    least = 100 * min(share, 1 - share)
    digits = 1 if least <= 0 else max(1, 1 - math.floor(math.log10(least)))
    return f"{share:.{digits}%}"


def _of_100(figure: Estimate) -> str:
    """`48 (41 to 55)`."""
    value, low, high = (
        "?" if part is None else f"{100 * part:.0f}"
        for part in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({low} to {high})"


def _positive(figures: Figures) -> float:
    """The share of the test cells that is positive."""
    return (figures.confusion.fn + figures.confusion.tp) / max(figures.cells, 1)
