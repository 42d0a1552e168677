"""A few settings around the champion's, in the place of a whole exploration.

New cells seldom change which settings are best by much, and a full exploration takes most of the
time of a run. What is left asks the one question whose answer does move with the cells: whether the
learning rate still fits.
"""

from typing import Any

from smearflow.params.model import Configuration
from smearflow.params.retrain import Retrain
from smearflow.params.tune import Tune

NAME = "rate"


def nearby(best: Configuration, tune: Tune, epochs: int, rules: Retrain) -> list[tuple[str, Any]]:
    """Values of params.yaml, by dotted key.

    Every run starts from the champion's settings, and learns from half the patients of a run of the
    profile's search. Exploration compares its learning rate with one below and one above, for half
    the epochs of a trial; the search tries a few between the two, no longer than the final
    training; the best of them is trained again beside the champion's own settings, on as many seeds
    as ever: one alone could not tell them apart.

    Args:
        best: the champion's settings.
        tune: of the profile, not of the champion: halves of halves would soon be nothing.
        epochs: of the challenger's final training.
        rules: how few are tried, and how far around.
    """
    rate = best.learning_rate
    low, high = rate / rules.span, min(rate * rules.span, 10.0)
    share = tune.train_fraction / 2
    experiment = {
        "name": NAME,
        "scientific": {"learning_rate": [low, rate, high]},
        "fixed": {"epochs": max(1, tune.epochs // 2)},
        "seeds": [1],
        "budget": 3,
        "train_fraction": share,
    }
    words = {
        "question": "Does the learning rate of the model in use fit the new cells, too?",
        "because": {"epochs": "enough to tell rates apart; the search trains longer"},
    }
    return [
        ("model.configuration", best.model_dump(mode="json")),
        ("explore.experiments", [experiment]),
        ("explore.words", {NAME: words}),
        ("tune.trials", rules.trials),
        ("tune.epochs", min(tune.epochs, epochs)),
        ("tune.train_fraction", share),
        ("tune.finalists", 1),
        ("tune.space", {"learning_rate": {"low": low, "high": high, "sampling": "log"}}),
    ]
