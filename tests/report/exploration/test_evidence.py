"""Every reason that an analysis gives has a phrase."""

from typing import get_args

import pytest

from smearflow.analysis.bounds import STABILITY
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
    OnlyWith,
    RunsFailed,
    Unsure,
    WorseTogether,
)
from smearflow.report.exploration.evidence import phrase

KINDS: Kinds = {
    "trainable": ("all",),
    "optimizer": ("adam", "sgd"),
    "gradient_clip": (None,),
}

PHRASES: list[tuple[Evidence, str]] = [
    (NoEffect(), "no detectable effect"),
    (NoEffectBetween(), "no detectable effect between these values"),
    (NoEffectUpTo(value=0.00312), "no detectable effect up to 0.00312"),
    (RunsFailed(value=0.03), "runs failed at 0.03"),
    (LowestLoss(value=0.0012, times=None), "the loss is lowest at 0.0012"),
    (
        LowestLoss(value=0.0012, times=1.234),
        "the loss is lowest at 0.0012, 1.2 times that at the worse end",
    ),
    (
        BestAtEnd(side="up", share=0.97, beyond="moves"),
        "best at the upper end in 97% of the resamples: the bound moves out",
    ),
    (
        BestAtEnd(side="up", share=0.97, beyond="failed", failed_at=0.03),
        "best at the upper end in 97% of the resamples, but runs failed at 0.03",
    ),
    (
        BestAtEnd(side="down", share=1.0, beyond="nothing"),
        "best at the lower end in 100% of the resamples, and no value lies beyond it",
    ),
    (
        WorseTogether(parameter="hidden_activation", values=("tanh",)),
        "all runs taken together, detectably higher loss: tanh",
    ),
    (
        WorseTogether(parameter="augment", values=(False,)),
        "all runs taken together, detectably higher loss: augment False",
    ),
    (Unsure(), "it matters, but which is best here is not sure"),
    (Compared(worse=("sgd",)), "detectably worse: sgd"),
    (Compared(worse=()), "none is detectably worse"),
    (NotExplored(), "not explored: as configured"),
    (
        FailedWith(value=0.03, kinds=KINDS),
        "failed at 0.03 with optimizer adam or sgd, trainable all",
    ),
    (OnlyWith(parameter="optimizer", value="sgd"), "only sgd has it"),
]


@pytest.mark.parametrize(("found", "words"), PHRASES, ids=lambda each: str(each)[:40])
def test_phrases(found: Evidence, words: str) -> None:
    assert phrase([found]) == words


def test_pieces_are_told_one_after_the_other() -> None:
    found: list[Evidence] = [NoEffectUpTo(value=0.01), RunsFailed(value=0.03)]
    assert phrase(found) == "no detectable effect up to 0.01; runs failed at 0.03"


def test_every_reason_is_tried_here() -> None:
    reasons, _ = get_args(Evidence)
    assert {type(found) for found, _ in PHRASES} == set(get_args(reasons))
    assert set(KINDS) == set(STABILITY)
