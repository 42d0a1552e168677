"""Fake explorations in which an effect changes its sign away from the good settings.

An average over all runs gets it wrong. The seeds were fixed before anything was fitted to them.
"""

from dataclasses import dataclass

from smearflow.analysis.conclusions import fit_surfaces
from smearflow.analysis.near import IMPORTANT
from smearflow.analysis.response import Surface
from smearflow.analysis.runs import analyse_runs
from smearflow.params.model import Value
from tests.analysis.planted import Settings, Truth, choice, explored, planned, valley

SEEDS = range(20)
SECOND = 0.5  # size of the second largest effect, of which the noise is a share


@dataclass(frozen=True)
class Turn:
    """A parameter that helps near the good settings and harms far from them.

    Attributes:
        values: that harms near the good settings, and that helps there.
        truth: the whole surface.
    """

    name: str
    parameter: str
    values: tuple[Value, Value]
    truth: Truth


RATE = valley(1.0, 1.5e-3, 1e-4)


def _rest(settings: Settings) -> float:
    """The height of the learning rate and the depth, 0 at the best."""
    return RATE(settings["learning_rate"]) + 0.5 * (settings["trainable"] == "frozen")


def _turn(name: str, parameter: str, values: tuple[Value, Value], near: float, far: float) -> Turn:
    """The helping value lowers the loss by `near` at the best, raises it by `far` one higher up."""
    low, high = values

    def product(settings: Settings) -> float:
        share = float(settings[parameter] == high)
        if isinstance(high, float) and isinstance(low, float):
            share = (settings[parameter] - low) / (high - low)
        return share * (-near + (near + far) * _rest(settings))

    truth = Truth(
        name=name,
        terms={"learning_rate": RATE, "trainable": choice(frozen=0.5)},
        product=product,
        second=SECOND,
        largest="learning_rate",
        pair=("learning_rate", parameter),
        irrelevant="gradient_clip",
        bound=(parameter, "up"),
    )
    return Turn(name, parameter, values, truth)


TURNS = (
    _turn("symmetries", "augment", (False, True), 0.25, 0.6),
    _turn("dropout", "dropout", (0.0, 0.6), 0.25, 0.6),
)


def told_by(surface: Surface, turn: Turn) -> str:
    """What a surface says: that the helping value helps or harms, or none if it finds no effect."""
    if surface.local[turn.parameter].p >= IMPORTANT:
        return "none"
    losses = surface.along(turn.parameter, turn.values)[0]
    return "helps" if losses[1] < losses[0] else "harms"


def said(turn: Turn, seed: int) -> str:
    """What is concluded of an exploration; every run counts as long."""
    params, plan = planned()
    experiments, base = params.explore.experiments, params.model.configuration
    runs = explored(turn.truth, plan, seed)
    verdict = analyse_runs(experiments, runs, base, 1).verdict(turn.parameter)
    surface = fit_surfaces(experiments, runs, base, 1).whole
    assert surface is not None
    if verdict.has_effect and verdict.rests_on != "comparisons":
        return told_by(surface, turn)
    return "by an experiment" if verdict.has_effect else verdict.found
