"""What an exported model's answers are worth for a patient, as its edge.json tells it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from smearflow.assessment.parasitaemia import PatientVerdict, parasitaemia, verdict


class NotedRate(NamedTuple):
    """As `smearflow.records.operating.PatientRate`, of an export."""

    mean: float
    deviation: float
    standard_error: float


class PatientAnswer(NamedTuple):
    """What is said of a patient; None where the model cannot tell, or its export did not.

    Attributes:
        parasitaemia: share of the cells that are infected, corrected for the model's errors.
        low: end of its interval of 95 %.
        high: likewise.
        verdict: on the parasitaemia that must not be missed.
    """

    parasitaemia: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: PatientVerdict | None = None


@dataclass(frozen=True)
class Clinic:
    """How often a model is right on a patient, and what must not be missed.

    Attributes:
        sensitivity: over patients that it was not trained on, at its threshold.
        specificity: likewise.
        least: parasitaemia that must not be missed.
    """

    sensitivity: NotedRate
    specificity: NotedRate
    least: float

    @classmethod
    def of_export(cls, description: Mapping[str, Any]) -> Self | None:
        """That of edge.json; None of versions that did not tell it.

        Raises:
            KeyError: it is told in part.
        """
        least = description.get("least_parasitaemia")
        if least is None:
            return None
        sensitivity, specificity = (
            NotedRate(*(description["operating"][name][field] for field in NotedRate._fields))
            for name in ("sensitivity", "specificity")
        )
        return cls(sensitivity, specificity, least)

    def answer(self, called: int, cells: int) -> PatientAnswer:
        """What cells say of their patient.

        Args:
            called: of them, by the threshold.
            cells: images of one cell each; without any nothing is said.
        """
        if not cells:
            return PatientAnswer()
        rates = (self.sensitivity, self.specificity)
        found = parasitaemia(called, cells, *rates)
        value = None if math.isnan(found.value) else found.value
        return PatientAnswer(value, found.low, found.high, verdict(found, self.least, *rates))
