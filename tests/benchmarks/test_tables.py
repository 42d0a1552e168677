import pytest

from benchmarks.tables import markdown, spread


def test_every_row_has_its_bars() -> None:
    assert markdown(("a", "b"), [(1, "x")]) == "| a | b |\n|---|---|\n| 1 | x |"


@pytest.mark.parametrize(
    ("values", "told"),
    [([0.25, 0.75], "0.50 (0.25-0.75)"), ([None, 0.5], "0.50 (0.50-0.50)"), ([None], "undefined")],
)
def test_a_spread_is_of_what_is_known(values: list[float | None], told: str) -> None:
    assert spread(values, 2) == told
