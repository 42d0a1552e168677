"""What to set for a source whose patients nothing tells."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from smearflow.intake.grouping import KINDS
from smearflow.intake.guess import Guess, guess_pattern
from smearflow.params.ingest import Group

_NEAREST = KINDS[1:]  # to patients, where these are not known


@dataclass(frozen=True)
class Proposal:
    """A setting of a source.

    Attributes:
        number: of the source, from 0.
        source: its name.
        guess: a pattern for its patients; None: its names tell none.
        group: what is nearest to patients, then.
    """

    number: int
    source: str
    guess: Guess | None
    group: Group

    @property
    def key(self) -> str:
        """The setting, below its source."""
        return "group" if self.guess is None else "patient_pattern"

    @property
    def value(self) -> str:
        """What to set it to."""
        return self.group if self.guess is None else self.guess.pattern


def propose(
    number: int,
    source: str,
    paths: Sequence[str],
    labels: Sequence[str] | None = None,
    known: Collection[Group] = (),
    current: Group | None = None,
) -> Proposal | None:
    """Guess patients; failing that, choose what is nearest to them.

    Args:
        paths: of the images in their source.
        labels: of each, if known.
        known: groups that nearly all images have.
        current: what the source is grouped by; None: by nothing that it has.

    Returns:
        None where nothing better is known than what is set.
    """
    guess = guess_pattern(paths, labels)
    if guess is not None:
        return Proposal(number, source, guess, "patient")
    nearest: Group = next((each for each in _NEAREST if each in known), "file")
    if current in _NEAREST and _NEAREST.index(current) <= _NEAREST.index(nearest):
        return None
    return Proposal(number, source, None, nearest)
