import pytest

from smearflow.evaluation.calibration import BINS, bin_of, reliability


def test_bins_are_equal_and_one_is_in_the_last() -> None:
    assert list(bin_of([0.0, 0.0999, 0.1, 0.55, 0.999, 1.0])) == [0, 0, 1, 5, BINS - 1, BINS - 1]


def test_a_row_per_bin_with_cells() -> None:
    table = reliability([0, 1, 1], [0.52, 0.58, 1.0])
    assert list(table["cells"]) == [2, 1]
    assert list(table["low"]) == pytest.approx([0.5, 0.9])
    assert list(table["high"]) == pytest.approx([0.6, 1.0])
    assert list(table["probability"]) == pytest.approx([0.55, 1.0])
    assert list(table["positive"]) == pytest.approx([0.5, 1.0])
