"""Which class a label means, however folders, tables and boxes spell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from smearflow.ground.errors import SmearflowError


@dataclass(frozen=True)
class Labels:
    """The labels of two classes.

    Attributes:
        classes: names, negative before positive.
        spellings: per class, in the same order, the labels that mean it.
        others: labels of one source, and the class that each means; None: its cells are left out.
    """

    classes: tuple[str, str]
    spellings: tuple[Sequence[str], Sequence[str]]
    others: Mapping[str, str | None]

    @classmethod
    def named(cls, classes: tuple[str, str]) -> "Labels":
        """Of classes that nothing but their names means."""
        return cls(classes, ((classes[0],), (classes[1],)), {})

    def knows(self, label: str) -> bool:
        """Whether a label means a class, or that its cells are left out."""
        return self._meaning(label) is not None

    def class_of(self, label: str) -> str | None:
        """The class that a label means; None where its cells are to be left out.

        Raises:
            SmearflowError: it means neither; whoever has the place of it says more.
        """
        found = self._meaning(label)
        if found is None:
            raise SmearflowError(
                f"the label {label} means neither {self.classes[1]} nor {self.classes[0]}",
                "add it to problem.positive or problem.negative, or to labels of the source",
            )
        return found or None

    def _meaning(self, label: str) -> str | None:
        """The class; empty where cells are left out, None where nobody said what it means."""
        if label in self._exact:
            return self._exact[label]
        return self._folded.get(_folded(label))

    @cached_property
    def _exact(self) -> dict[str, str]:
        own = {
            label: name
            for name, labels in zip(self.classes, self.spellings, strict=True)
            for label in (*labels, name)
        }
        return own | {label: name or "" for label, name in self.others.items()}

    @cached_property
    def _folded(self) -> dict[str, str]:
        """Spellings in any case, but for those that only their case tells apart."""
        meanings: dict[str, set[str]] = {}
        for label, meaning in self._exact.items():
            meanings.setdefault(_folded(label), set()).add(meaning)
        return {label: found.pop() for label, found in meanings.items() if len(found) == 1}


def _folded(label: str) -> str:
    return label.strip().casefold()
