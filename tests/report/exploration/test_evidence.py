"""Every reason that an analysis gives has a phrase."""

import inspect
import json
from typing import Any

import pytest

from smearflow.analysis import evidence
from smearflow.analysis.bounds import STABILITY
from smearflow.report.exploration.evidence import phrase

KINDS: dict[str, list[Any]] = {
    "trainable": ["all"],
    "optimizer": ["adam", "sgd"],
    "gradient_clip": [None],
}

PHRASES: list[tuple[evidence.Evidence, str]] = [
    (evidence.no_effect(), "no detectable effect"),
    (evidence.no_effect_between(), "no detectable effect between these values"),
    (evidence.no_effect_up_to(0.00312), "no detectable effect up to 0.00312"),
    (evidence.runs_failed(0.03), "runs failed at 0.03"),
    (evidence.lowest_loss(0.0012, None), "the loss is lowest at 0.0012"),
    (
        evidence.lowest_loss(0.0012, 1.234),
        "the loss is lowest at 0.0012, 1.2 times that at the worse end",
    ),
    (
        evidence.best_at_end("up", 0.97, "moves", None),
        "best at the upper end in 97% of the resamples: the bound moves out",
    ),
    (
        evidence.best_at_end("up", 0.97, "failed", 0.03),
        "best at the upper end in 97% of the resamples, but runs failed at 0.03",
    ),
    (
        evidence.best_at_end("down", 1.0, "nothing", None),
        "best at the lower end in 100% of the resamples, and no value lies beyond it",
    ),
    (
        evidence.worse_together("hidden_activation", ["tanh"]),
        "all runs taken together, detectably higher loss: tanh",
    ),
    (
        evidence.worse_together("augment", [False]),
        "all runs taken together, detectably higher loss: augment False",
    ),
    (evidence.unsure(), "it matters, but which is best here is not sure"),
    (evidence.compared(["sgd"]), "detectably worse: sgd"),
    (evidence.compared([]), "none is detectably worse"),
    (evidence.not_explored(), "not explored: as configured"),
    (evidence.failed_with(0.03, KINDS), "failed at 0.03 with optimizer adam or sgd, trainable all"),
    (evidence.only_with("optimizer", "sgd"), "only sgd has it"),
]


@pytest.mark.parametrize(("found", "words"), PHRASES, ids=lambda each: str(each)[:40])
def test_phrases(found: evidence.Evidence, words: str) -> None:
    assert phrase([json.loads(json.dumps(found, sort_keys=True))]) == words


def test_pieces_are_told_one_after_the_other() -> None:
    found = [evidence.no_effect_up_to(0.01), evidence.runs_failed(0.03)]
    assert phrase(found) == "no detectable effect up to 0.01; runs failed at 0.03"


def test_every_reason_is_tried_here() -> None:
    made: dict[str, Any] = dict(inspect.getmembers(evidence, inspect.isfunction))
    assert {found["reason"] for found, _ in PHRASES} == set(made)
    assert set(KINDS) == set(STABILITY)
