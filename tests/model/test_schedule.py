import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.model.schedule import rate_at
from smearflow.params.model import Configuration


def plan(**values: object) -> Configuration:
    return Configuration.model_validate({"learning_rate": 0.1, **values})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [0.1, 0.1, 0.1, 0.1, 0.1]),
        ({"warmup_steps": 2}, [0.05, 0.1, 0.1, 0.1, 0.1]),
        ({"schedule": "cosine"}, [0.1, 0.0904508, 0.0654508, 0.0345492, 0.0095492]),
        ({"schedule": "cosine", "warmup_steps": 1}, [0.1, 0.1, 0.0853553, 0.05, 0.0146447]),
        ({"warmup_steps": 200}, [0.05, 0.1, 0.1, 0.1, 0.1]),  # half of the run at most
    ],
)
def test_rates_of_five_steps(values: dict[str, object], expected: list[float]) -> None:
    rates = [rate_at(step, 5, plan(**values)) for step in range(5)]
    assert rates == pytest.approx(expected, abs=1e-7)


@given(st.integers(1, 500), st.integers(0, 500), st.sampled_from(["plateau", "cosine"]))
def test_no_rate_is_zero_or_above_the_configured_one(steps: int, warm: int, schedule: str) -> None:
    configuration = plan(schedule=schedule, warmup_steps=warm)
    rates = [rate_at(step, steps, configuration) for step in range(steps)]
    assert min(rates) > 0
    assert max(rates) == pytest.approx(0.1)
