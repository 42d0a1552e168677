"""An answer to one question about a run."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Answer:
    """What a person wants to know, answered at once.

    Attributes:
        question: in the person's words.
        short: the answer, a line.
        sentences: what it rests on.
        mood: of the answer, for its colour and sign.
    """

    question: str
    short: str
    sentences: tuple[str, ...]
    mood: Literal["good", "care", "bad", "plain"]
