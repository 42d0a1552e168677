import pytest

from smearflow.evaluation.targets import check_targets, may_look
from smearflow.ground.errors import SmearflowError
from smearflow.records.training import Target
from tests.wording import numbers

MET = Target(side="validation", metric="roc_auc", target=0.97, value=0.98, met=True)
MISSED = Target(side="validation", metric="accuracy", target=0.94, value=0.9312, met=False)
UNDEFINED = MISSED.model_copy(update={"metric": "mcc", "value": None})


def test_a_row_per_target() -> None:
    found = check_targets("test", {"accuracy": 0.9, "mcc": 0.8}, {"accuracy": 0.9, "mcc": None})
    assert found == (
        Target(side="test", metric="accuracy", target=0.9, value=0.9, met=True),
        Target(side="test", metric="mcc", target=0.8, value=None, met=False),
    )


@pytest.mark.parametrize(
    ("targets", "required", "expected"),
    [
        ({}, 0.95, {"sensitivity": 0.95}),
        ({"sensitivity": 0.9}, 0.95, {"sensitivity": 0.95}),
        ({"sensitivity": 0.98}, 0.95, {"sensitivity": 0.98}),
        ({"accuracy": 0.9}, 0.0, {"accuracy": 0.9}),
    ],
)
def test_the_required_sensitivity_is_a_target_too(
    targets: dict[str, float], required: float, expected: dict[str, float]
) -> None:
    found = check_targets("test", targets, {"accuracy": 1.0, "sensitivity": 0.96}, required)
    assert {each.metric: each.target for each in found} == expected


def test_a_model_that_met_its_targets_may_be_looked_at() -> None:
    assert may_look([MET], "healthy", despite=False) == ()


@pytest.mark.parametrize(
    ("targets", "diagnosis", "facts"),
    [
        ([MET, MISSED], "healthy", [("accuracy", [0.9312, 0.94])]),
        ([UNDEFINED], "healthy", [("mcc", [0.94])]),
        ([MET], "diverged", [("diverged", [])]),
        ([MISSED], "diverged", [("diverged", []), ("accuracy", [0.9312, 0.94])]),
    ],
)
def test_others_may_only_despite_their_reasons(
    targets: list[Target], diagnosis: str, facts: list[tuple[str, list[float]]]
) -> None:
    reasons = may_look(targets, diagnosis, despite=True)
    assert [numbers(reason) for reason in reasons] == [figures for _, figures in facts]
    assert all(name in reason for reason, (name, _) in zip(reasons, facts, strict=True))
    with pytest.raises(SmearflowError, match=r"evaluate\.despite_missed_targets: true") as refusal:
        may_look(targets, diagnosis, despite=False)
    assert all(reason in str(refusal.value) for reason in reasons)
