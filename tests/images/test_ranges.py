import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smearflow.images.ranges import (
    BITS,
    FLOAT,
    FORMAT,
    INTEGER,
    INVERTED,
    LONG,
    MEASURED,
    STATED,
    TAG,
    AmbiguousError,
    FolderScales,
    Peak,
    Rules,
    SampleRange,
    Settled,
)


def of(peak: float, *others: float, kind: str = INTEGER, bits: int | None = None) -> SampleRange:
    """The range of an image in a set with others."""
    rules = Rules(bits).measured(Peak(kind, value) for value in (peak, *others))
    return rules.range_of(Peak(kind, peak), None)


@pytest.mark.parametrize(
    ("peaks", "white"),
    [
        ((255, 200), 255),
        ((128, 128), 255),
        ((1023, 1000), 1023),
        ((4095, 3000), 4095),
        ((2048, 1500), 4095),
        ((16383, 9000), 16383),
    ],
)
def test_the_smallest_range_that_holds_the_set(peaks: tuple[int, ...], white: int) -> None:
    assert of(*peaks) == SampleRange(white, MEASURED)


@pytest.mark.parametrize(
    ("peaks", "reason"),
    [
        ((127, 100), "too dark"),
        ((256, 300), "too dark"),
        ((2047, 1500), "too dark"),
        ((32767, 20000), "too dark"),
        ((4095,), "no other image"),
        ((4095, 0), "no other image"),  # a black one tells nothing
        ((900, 4095), "where other images reach 4095"),
        ((4095, 65535), "where other images reach 65535"),
    ],
)
def test_what_a_set_cannot_tell(peaks: tuple[int, ...], reason: str) -> None:
    with pytest.raises(AmbiguousError, match=reason) as caught:
        of(*peaks)
    assert caught.value.peak == Peak(INTEGER, peaks[0])


def test_the_whole_range_of_the_file_is_known_from_one_image() -> None:
    assert of(32768) == of(65535) == of(20000, 65535) == SampleRange(65535, FORMAT)


def test_black_is_black_in_any_range() -> None:
    assert of(0).by == of(0, 4095, 4095).by == FORMAT


@pytest.mark.parametrize(
    ("kind", "peaks", "white"),
    [
        (LONG, (3000, 4000), 4095),
        (LONG, (65535, 40000), 65535),
        (LONG, (40000,), None),
        (LONG, (65536, 70000), None),
        (FLOAT, (1.0, 0.6), 1),
        (FLOAT, (0.9,), None),
        (FLOAT, (0.5, 0.4), None),
        (FLOAT, (0.2, 0.9), None),
        (FLOAT, (1.01, 0.9), None),
        (FLOAT, (255.0, 200.0), None),
        (INVERTED, (4000, 4095), None),
        (INVERTED, (32767, 32767), None),
    ],
)
def test_other_kinds_of_samples(kind: str, peaks: tuple[float, ...], white: int | None) -> None:
    if white is None:
        with pytest.raises(AmbiguousError):
            of(*peaks, kind=kind)
    else:
        assert of(*peaks, kind=kind) == SampleRange(white, MEASURED)


def test_inverted_samples_above_half_of_all_bits_use_all_of_them() -> None:
    assert of(32768, kind=INVERTED) == SampleRange(65535, FORMAT)


def test_kinds_are_measured_apart() -> None:
    rules = Rules().measured([Peak(INTEGER, 4095), Peak(INTEGER, 4000), Peak(LONG, 1000)])
    assert rules.range_of(Peak(INTEGER, 4000), None).white == 4095
    with pytest.raises(AmbiguousError):
        rules.range_of(Peak(LONG, 1000), None)


@given(st.integers(8, 16), st.data())
def test_a_person_wins_over_a_tag_and_a_tag_over_the_set(bits: int, data: st.DataObject) -> None:
    peak = Peak(INTEGER, data.draw(st.integers(0, 255)))
    rules = Rules(bits).measured([Peak(INTEGER, 65535)])
    assert (
        rules.range_of(peak, 4095) == rules.range_of(peak, None) == SampleRange(2**bits - 1, STATED)
    )
    assert Rules().measured([Peak(INTEGER, 65535)]).range_of(peak, 4095) == SampleRange(4095, TAG)


@pytest.mark.parametrize("scales", [Rules(12), Rules(), Settled(4095)])
def test_samples_above_their_range_are_refused(scales: Rules | Settled) -> None:
    assert scales.range_of(Peak(INTEGER, 4095), 4095).white == 4095
    with pytest.raises(AmbiguousError, match="up to 4096, above"):
        scales.range_of(Peak(INTEGER, 4096), 4095)


@given(st.sampled_from(BITS), st.lists(st.floats(0.26, 1), min_size=1, max_size=9), st.data())
def test_a_set_of_one_camera(bits: int, shares: list[float], data: st.DataObject) -> None:
    white = 2**bits - 1
    peaks = [Peak(INTEGER, round(share * white)) for share in [*shares, 0.9]]
    rules = Rules().measured(data.draw(st.permutations(peaks)))
    assert {rules.range_of(peak, None).white for peak in peaks} == {white}


def test_a_folder_is_measured_once_and_only_where_needed() -> None:
    calls = []

    def peaks() -> list[Peak]:
        calls.append(1)
        return [Peak(INTEGER, 4095), Peak(INTEGER, 3000)]

    scales = FolderScales(None, peaks)
    assert scales.range_of(Peak(INTEGER, 900), 1023) == SampleRange(1023, TAG)
    assert not calls
    assert not scales.measured
    assert scales.range_of(Peak(INTEGER, 3000), None).white == 4095
    assert scales.range_of(Peak(INTEGER, 4095), None).white == 4095
    assert len(calls) == 1
    assert scales.measured == {4095}


def test_the_reason_comes_from_other_processes() -> None:
    error = pickle.loads(pickle.dumps(AmbiguousError("dark", Peak(INTEGER, 3))))
    assert (str(error), error.peak) == ("dark", Peak(INTEGER, 3))
