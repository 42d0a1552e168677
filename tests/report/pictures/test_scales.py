import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.report.pictures.scales import is_logarithmic, ticks, with_zero


@pytest.mark.parametrize(
    ("values", "logarithmic"),
    [
        ([0.0002, 0.003, 0.03], True),
        ([0.0, 0.0001, 0.001, 0.01, 0.1], True),
        ([16, 30, 64, 100, 256], True),
        ([0.0, 0.001, 0.15, 0.3, 0.45, 0.6], False),  # evenly drawn, although over many decades
        ([0.0, 0.1], False),
        ([0.01], False),
        ([0.0, 0.0], False),
        ([0.8, 0.9, 0.99], False),
        ([-1.0, 0.001, 0.01, 1.0], False),
    ],
)
def test_numbers_have_the_scale_they_spread_evenly_on(
    values: list[float], logarithmic: bool
) -> None:
    assert is_logarithmic(values) is logarithmic


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([0.0001, 0.03], ["0.0001", "0.001", "0.01"]),
        ([0.0, 0.0001, 0.1], ["0", "0.0001", "0.001", "0.01", "0.1"]),
        ([16.0, 256.0], ["20", "50", "100", "200"]),
        ([0.13, 0.18], ["0.13", "0.18"]),
        ([0.001, 0.1], ["0.001", "0.01", "0.1"]),
    ],
)
def test_ticks_are_round(values: list[float], texts: list[str]) -> None:
    assert ticks(values)[1] == texts


numbers = st.floats(1e-6, 1e6)


@given(st.lists(numbers, min_size=1), st.booleans())
def test_ticks_are_numbers_within_the_axis(values: list[float], zero: bool) -> None:
    values = values + [0.0] * zero
    places, texts = ticks(values)
    drawn = with_zero(values)
    assert places == sorted(places)
    assert [float(text) for text in texts[zero:]] == pytest.approx(places[zero:], rel=0.01)
    assert min(drawn) / 1.001 <= places[0]
    assert places[-1] <= max(drawn) * 1.001
    assert (texts[0] == "0") is zero


@given(st.lists(numbers, min_size=1))
def test_zero_stands_below_all_others(values: list[float]) -> None:
    placed = with_zero([*values, 0.0])
    assert placed[:-1] == values
    assert 0 < placed[-1] < min(values)
