"""The section `problem`: classes, targets, what must be met; and the parts that a stage reads."""

from typing import Literal, Self

from pydantic import model_validator

from smearflow.ground.settings import Fraction, Settings

Metric = Literal[
    "accuracy", "sensitivity", "specificity", "precision", "f1", "mcc", "roc_auc", "pr_auc"
]
Least = dict[Metric, Fraction]
"""The least value of each metric that counts as met."""


class Classes(Settings):
    """The names of the two classes."""

    positive: str
    negative: str

    @model_validator(mode="after")
    def _two_classes(self) -> Self:
        if self.positive == self.negative:
            raise ValueError("positive and negative have the same name")
        return self

    @property
    def classes(self) -> tuple[str, str]:
        """Class names in the order of the model's outputs: negative, positive."""
        return (self.negative, self.positive)


class ValidationTargets(Settings):
    """What must be met on the validation side."""

    validation: Least


class HeldOutTargets(Settings):
    """What must be met on the test side."""

    test: Least


class Targets(ValidationTargets, HeldOutTargets):
    """What must be met, per side of the split."""


class ValidationProblem(Classes):
    """What is asked of the validation side."""

    targets: ValidationTargets
    required_sensitivity: Fraction


class HeldOutProblem(Classes):
    """What is asked of the test side."""

    targets: HeldOutTargets
    required_sensitivity: Fraction


class Question(Settings):
    """What the run answers, in a person's words."""

    question: str


class Problem(Question, Classes):
    """The question the run answers and when its answer is good enough."""

    primary_metric: Metric
    targets: Targets
    required_sensitivity: Fraction
