"""The section `problem`: classes, targets, what must be met; and the parts that a stage reads."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from smearflow.ground.settings import Fraction, Label, Settings

MOST_ERRORS = 0.02  # of the cells of a class that are answered wrongly; others a person looks at
LEAST_PARASITAEMIA = 0.02  # that must not be missed
RARE = 0.1  # of the cells: a share of all of them then says little of that class
Several = Annotated[tuple[Label, ...], Field(min_length=1)]
Metric = Literal[
    "accuracy", "sensitivity", "specificity", "precision", "f1", "mcc", "roc_auc", "pr_auc"
]
Least = dict[Metric, Fraction]
"""The least value of each metric that counts as met."""


class Classes(Settings):
    """The two classes: of each its name, which is its label too, or the labels that it is of."""

    positive: str | Several
    negative: str | Several

    @model_validator(mode="after")
    def _two_classes(self) -> Self:
        negative, positive = self.spellings
        if both := set(negative) & set(positive):
            raise ValueError(f"positive and negative have the same name: {min(both)}")
        return self

    @property
    def classes(self) -> tuple[str, str]:
        """Class names in the order of the model's outputs: negative, positive."""
        negative, positive = (" or ".join(labels) for labels in self.spellings)
        return (negative, positive)

    @property
    def spellings(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The labels that mean each of the classes, in the same order."""
        return (_several(self.negative), _several(self.positive))


def _several(labels: str | tuple[str, ...]) -> tuple[str, ...]:
    return (labels,) if isinstance(labels, str) else labels


class ValidationTargets(Settings):
    """What must be met on the validation side."""

    validation: Least


class HeldOutTargets(Settings):
    """What must be met on the test side."""

    test: Least


class Targets(ValidationTargets, HeldOutTargets):
    """What must be met, per side of the split."""


Share = Annotated[float, Field(gt=0, lt=1)]


class ValidationProblem(Classes):
    """What is asked of the validation side."""

    targets: ValidationTargets
    required_sensitivity: Fraction
    most_errors: Share = MOST_ERRORS


Prevalence = Share | None
"""The share of positive cells where the model will be used; None: as on the test side."""


class PatientProblem(Settings):
    """What is asked of the answer for a patient."""

    least_parasitaemia: Share = LEAST_PARASITAEMIA


class HeldOutProblem(PatientProblem, Classes):
    """What is asked of the test side."""

    targets: HeldOutTargets
    required_sensitivity: Fraction
    prevalence: Prevalence = None


class Question(Settings):
    """What the run answers, in a person's words."""

    question: str


class Problem(Question, PatientProblem, Classes):
    """The question the run answers and when its answer is good enough."""

    primary_metric: Metric
    targets: Targets
    required_sensitivity: Fraction
    prevalence: Prevalence = None
    most_errors: Share = MOST_ERRORS
