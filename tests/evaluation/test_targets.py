import pytest

from smearflow.evaluation.targets import check_targets, may_look
from smearflow.ground.errors import SmearflowError
from smearflow.records.training import Target

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
    ("targets", "diagnosis", "reasons"),
    [
        ([MET, MISSED], "healthy", ["validation accuracy 0.9312 misses its target 0.9400"]),
        ([UNDEFINED], "healthy", ["validation mcc undefined misses its target 0.9400"]),
        ([MET], "diverged", ["training diverged"]),
        (
            [MISSED],
            "diverged",
            ["training diverged", "validation accuracy 0.9312 misses its target 0.9400"],
        ),
    ],
)
def test_others_may_only_despite_their_reasons(
    targets: list[Target], diagnosis: str, reasons: list[str]
) -> None:
    with pytest.raises(SmearflowError, match=r"evaluate\.despite_missed_targets: true") as refusal:
        may_look(targets, diagnosis, despite=False)
    for reason in reasons:
        assert reason in str(refusal.value)
    assert may_look(targets, diagnosis, despite=True) == tuple(reasons)
