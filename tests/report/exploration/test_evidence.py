"""Every reason that an analysis gives has a phrase."""

from typing import get_args

import pytest

from smearflow.analysis.rates import STABILITY
from smearflow.records.analysis.evidence import (
    BestAtEnd,
    Compared,
    Evidence,
    FailedWith,
    Kinds,
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
from smearflow.report.exploration.evidence import phrase
from smearflow.report.exploration.verdicts import DOUBTS

KINDS: Kinds = {
    "trainable": ("all",),
    "optimizer": ("adam", "sgd"),
    "gradient_clip": (None,),
}

# what a phrase must hold, beside its words
TOLD: list[tuple[Evidence, list[str]]] = [
    (NoEffect(), []),
    (NoEffectBetween(), []),
    (NoEffectUpTo(value=0.00312), ["0.00312"]),
    (RunsFailed(value=0.03), ["0.03"]),
    (LowestLoss(value=0.0012, times=None), ["0.0012"]),
    (LowestLoss(value=0.0012, times=1.234), ["0.0012", "1.2 times"]),
    (BestAtEnd(side="up", share=0.97, beyond="moves"), ["upper", "97%", "moves out"]),
    (
        BestAtEnd(side="up", share=0.97, beyond="failed", failed_at=0.03),
        ["upper", "97%", "failed at 0.03"],
    ),
    (BestAtEnd(side="down", share=1.0, beyond="nothing"), ["lower", "100%"]),
    (BestAtEnd(side="up", share=0.9, beyond="flat"), ["upper", "90%", "stays"]),
    (WorseTogether(parameter="hidden_activation", values=("tanh",)), ["higher loss", "tanh"]),
    (WorseTogether(parameter="augment", values=(False,)), ["higher loss", "augment False"]),
    (Unsure(), []),
    (Compared(worse=("sgd",)), ["worse", "sgd"]),
    (Compared(worse=()), ["none"]),
    (NotExplored(), []),
    *((NotKnown(doubt=doubt), []) for doubt in DOUBTS),
    (PaysLate(epochs=20), ["20"]),
    (FailedWith(value=0.03, kinds=KINDS), ["0.03", "optimizer adam or sgd", "trainable all"]),
    (OnlyWith(parameter="optimizer", value="sgd"), ["sgd"]),
]


@pytest.mark.parametrize(("found", "facts"), TOLD, ids=lambda each: str(each)[:40])
def test_a_phrase_holds_the_facts(found: Evidence, facts: list[str]) -> None:
    assert [fact for fact in facts if fact not in phrase([found])] == []


def test_no_two_pieces_of_evidence_read_alike() -> None:
    assert len({phrase([found]) for found, _ in TOLD}) == len(TOLD)


def test_pieces_are_told_one_after_the_other() -> None:
    pieces: list[Evidence] = [NoEffectUpTo(value=0.01), RunsFailed(value=0.03)]
    assert phrase(pieces) == "; ".join(phrase([each]) for each in pieces)


def test_every_reason_is_tried_here() -> None:
    reasons, _ = get_args(Evidence)
    assert {type(found) for found, _ in TOLD} == set(get_args(reasons))
    assert set(KINDS) == set(STABILITY)
