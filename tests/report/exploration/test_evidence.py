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

# what a phrase must hold, beside its words
TOLD: list[tuple[evidence.Evidence, list[str]]] = [
    (evidence.no_effect(), []),
    (evidence.no_effect_between(), []),
    (evidence.no_effect_up_to(0.00312), ["0.00312"]),
    (evidence.runs_failed(0.03), ["0.03"]),
    (evidence.lowest_loss(0.0012, None), ["0.0012"]),
    (evidence.lowest_loss(0.0012, 1.234), ["0.0012", "1.2 times"]),
    (evidence.best_at_end("up", 0.97, "moves", None), ["upper", "97%", "moves out"]),
    (evidence.best_at_end("up", 0.97, "failed", 0.03), ["upper", "97%", "failed at 0.03"]),
    (evidence.best_at_end("down", 1.0, "nothing", None), ["lower", "100%"]),
    (evidence.worse_together("hidden_activation", ["tanh"]), ["higher loss", "tanh"]),
    (evidence.worse_together("augment", [False]), ["higher loss", "augment False"]),
    (evidence.unsure(), []),
    (evidence.compared(["sgd"]), ["worse", "sgd"]),
    (evidence.compared([]), ["none"]),
    (evidence.not_explored(), []),
    (evidence.failed_with(0.03, KINDS), ["0.03", "optimizer adam or sgd", "trainable all"]),
    (evidence.only_with("optimizer", "sgd"), ["sgd"]),
]


def told(*found: evidence.Evidence) -> str:
    return phrase([json.loads(json.dumps(each, sort_keys=True)) for each in found])


@pytest.mark.parametrize(("found", "facts"), TOLD, ids=lambda each: str(each)[:40])
def test_a_phrase_holds_the_facts(found: evidence.Evidence, facts: list[str]) -> None:
    assert [fact for fact in facts if fact not in told(found)] == []


def test_no_two_pieces_of_evidence_read_alike() -> None:
    assert len({told(found) for found, _ in TOLD}) == len(TOLD)


def test_pieces_are_told_one_after_the_other() -> None:
    pieces = evidence.no_effect_up_to(0.01), evidence.runs_failed(0.03)
    assert told(*pieces) == "; ".join(map(told, pieces))


def test_every_reason_is_tried_here() -> None:
    made: dict[str, Any] = dict(inspect.getmembers(evidence, inspect.isfunction))
    assert {found["reason"] for found, _ in TOLD} == set(made)
    assert set(KINDS) == set(STABILITY)
