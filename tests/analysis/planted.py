"""Fake explorations whose truth is known, over the plan that the sample profile makes.

A surface says what the logarithm of the validation loss would be without noise. The size of an
effect is the range of a parameter's own term over the values it is searched at; the noise of a run
is a share of the second largest.
"""

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smearflow.analysis.narrowing import narrow
from smearflow.analysis.runs import analyse_runs
from smearflow.experiments.plan import PlannedRun, plan_runs
from smearflow.model.curves import SERIES, Curve
from smearflow.params.whole import Params, load_params
from smearflow.records.exploration import RunRecord
from smearflow.records.search.dimensions import Interval

PROFILE = Path(__file__).parents[2] / "params.yaml"
NOISE = 0.3  # standard deviation of a run's log loss, as a share of the second largest effect

LOWEST = 0.12  # nats

Settings = dict[str, Any]
Term = Callable[[Any], float]


@dataclass(frozen=True)
class Truth:
    """A surface, and what is true of it.

    Attributes:
        terms: per parameter its own contribution to the log loss.
        product: the contribution of the pair that interacts.
        largest, pair, irrelevant: what must be found, and what must not.
        bound: a parameter whose optimum lies beyond the values searched, and on which side.
        second: size of the second largest effect.
    """

    name: str
    terms: dict[str, Term]
    product: Callable[[Settings], float]
    second: float
    largest: str
    pair: tuple[str, str]
    irrelevant: str
    bound: tuple[str, str]


def place(value: float, low: float, high: float) -> float:
    """From -1 to 1 on a logarithmic scale."""
    return 2 * math.log(max(value, low) / low) / math.log(high / low) - 1


def rate_place(settings: Settings) -> float:
    """The learning rate between the lowest and the highest searched."""
    return place(settings["learning_rate"], 1e-4, 3e-2)


def line(size: float, low: float, high: float) -> Term:
    """A straight line that rises by `size` between two values."""
    return lambda value: size * (value - low) / (high - low)


def log_line(size: float, low: float, high: float) -> Term:
    """The same on a logarithmic scale."""
    return lambda value: size * (place(value, low, high) + 1) / 2


def valley(size: float, best: float, farthest: float) -> Term:
    """A parabola in the logarithm, 0 at the best and `size` at the farthest value."""
    return lambda value: size * (math.log(value / best) / math.log(farthest / best)) ** 2


def cliff(size: float, best: float, farthest: float) -> Term:
    """No parabola: nearly straight, and twice as steep above the best value as below it."""

    def term(value: float) -> float:
        decades = math.log10(value / best)
        height = (math.sqrt(1 + 9 * decades**2) - 1) * (1 if decades < 0 else 2)
        return size * height / (math.sqrt(1 + 9 * math.log10(farthest / best) ** 2) - 1)

    return term


def choice(**effects: float) -> Term:
    """A number for each value that has an effect."""
    return lambda value: effects.get(str(value), 0.0)


TRUTHS = (
    Truth(
        name="wide head",
        terms={
            "learning_rate": valley(1.0, 1.5e-3, 1e-4),
            "trainable": choice(frozen=0.5),
            "hidden_units": log_line(-0.4, 16, 256),
            "label_smoothing": line(0.15, 0.0, 0.2),
            "augment": choice(**{"False": 0.1}),
        },
        product=lambda s: 0.25 * rate_place(s) * (1 if s["hidden_activation"] == "relu" else -1),
        second=0.5,
        largest="learning_rate",
        pair=("learning_rate", "hidden_activation"),
        irrelevant="dropout",
        bound=("hidden_units", "up"),
    ),
    Truth(
        name="much dropout",
        terms={
            "learning_rate": valley(0.9, 1e-3, 3e-2),
            "dropout": line(-0.5, 0.0, 0.6),
            "trainable": choice(**{"frozen": 0.3, "20": 0.15}),
            "hidden_activation": choice(relu=-0.15),
            "weight_decay": log_line(0.1, 1e-4, 1e-1),
        },
        product=lambda s: 0.25 * rate_place(s) * line(2.0, 0.0, 0.6)(s["dropout"] - 0.3),
        second=0.5,
        largest="learning_rate",
        pair=("learning_rate", "dropout"),
        irrelevant="hidden_units",
        bound=("dropout", "up"),
    ),
    Truth(
        name="cliff",
        terms={
            "learning_rate": cliff(0.8, 2e-3, 1e-4),
            "dropout": line(-0.3, 0.0, 0.6),
            "augment": choice(**{"False": 0.4}),
            "trainable": choice(frozen=0.3),
            "optimizer": choice(sgd=0.2),
        },
        product=lambda s: 0.2 * place(s["weight_decay"], 1e-4, 1e-1) * (-1 if s["augment"] else 1),
        second=0.4,
        largest="learning_rate",
        pair=("weight_decay", "augment"),
        irrelevant="hidden_activation",
        bound=("dropout", "up"),
    ),
)


def limit(settings: Settings) -> float:
    """The learning rate above which a run diverges."""
    if settings["trainable"] == "frozen" or settings["gradient_clip"] is not None:
        return 0.1
    return 0.02 if settings["optimizer"] == "sgd" else 0.008


def planned() -> tuple[Params, list[PlannedRun]]:
    """The sample profile and the runs it plans."""
    params = load_params(PROFILE)
    return params, plan_runs(params.explore.experiments, params.model.configuration)


def explored(truth: Truth, runs: Iterable[PlannedRun], seed: int) -> list[RunRecord]:
    """A record per run, as an exploration would keep them."""
    noise = random.Random(seed)
    return [_record(truth, each, noise.gauss(0, NOISE * truth.second)) for each in runs]


def _record(truth: Truth, run: PlannedRun, noise: float) -> RunRecord:
    configuration = run.job.configuration.model_dump(mode="json")
    diverged = configuration["learning_rate"] > limit(configuration)
    height = sum(term(configuration[name]) for name, term in truth.terms.items())
    loss = LOWEST * math.exp(height + truth.product(configuration) + noise)
    curve = _curve(None if diverged else loss, configuration["epochs"])
    return RunRecord(
        id=run.job.id,
        experiments=run.experiments,
        configuration=run.job.configuration,
        seed=run.job.seed,
        status="diverged" if diverged else "completed",
        best_epoch=None if diverged else configuration["epochs"],
        val_loss=None if diverged else loss,
        val_accuracy=None if diverged else max(0.5, 1 - loss / 3),
        steps=10 * configuration["epochs"],
        curve=curve,
        weight_change={"hidden kernel": None if diverged else 0.1},
    )


def _curve(loss: float | None, epochs: int) -> Curve:
    """An exponential that ends at a loss, or nothing finite."""
    if loss is None:
        return {name: [None] for name in SERIES}
    falling = [loss * (1 + math.exp(-epoch)) for epoch in range(1, epochs)] + [loss]
    rising = [max(0.5, 1 - each / 3) for each in falling]
    return {
        "loss": [0.9 * each for each in falling],
        "accuracy": list(rising),
        "val_loss": list(falling),
        "val_accuracy": list(rising),
        "learning_rate": [1e-3] * epochs,
        "gradient_norm": [2.0] * epochs,
    }


@dataclass(frozen=True)
class Criterion:
    """What must be true of the analysis about a truth, and in how many of 20 explorations."""

    name: str
    least: int = 0
    most: int = 20


CRITERIA = (
    Criterion("the most important parameter comes first", least=19),
    Criterion("the interaction is found", least=17),
    Criterion("the irrelevant parameter is called important", most=2),
    Criterion("the bound moves out", least=18),
)
SEEDS = range(20)


def judge(truth: Truth, seed: int) -> list[bool]:
    """Whether each of CRITERIA is true of one exploration."""
    params, runs = planned()
    experiments, base = params.explore.experiments, params.model.configuration
    records = explored(truth, runs, seed)
    analysis = analyse_runs(experiments, records, base, params.train.epochs)
    space = narrow(experiments, records, analysis, base)
    ranking = analysis.importance.parameters
    found = [set(pair.parameters) for pair in analysis.interactions.pairs if pair.found]
    name, side = truth.bound
    bound, searched = analysis.bounds.of(name), space.parameters.get(name)
    assert bound is not None
    high = searched.high if isinstance(searched, Interval) else 0.0
    return [
        ranking[0].name == truth.largest,
        set(truth.pair) in found,
        analysis.verdict(truth.irrelevant).has_effect,
        bound.moved == side and high > bound.searched[1],
    ]


def counts(truth: Truth, seeds: Iterable[int]) -> list[int]:
    """In how many explorations each of CRITERIA is true."""
    verdicts = [judge(truth, seed) for seed in seeds]
    return [sum(each) for each in zip(*verdicts, strict=True)]
