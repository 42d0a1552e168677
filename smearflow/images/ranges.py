"""Which sample value of an image of more than 8 bits becomes white.

A camera of 12 bits fills a 16th of the range of its 16-bit file, and few files say so. A tag does,
or a person, or the brightest sample of many images. What none of them tells is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, Protocol

BITS = (8, 10, 12, 14, 16)  # of cameras; a measured range is one of these
FEWEST = 2  # images of a set that a range smaller than the file's own is measured over

INTEGER, LONG, INVERTED, FLOAT = "16-bit", "32-bit", "inverted 16-bit", "floating-point"
FORMAT, TAG, STATED, MEASURED, UNKNOWN = "format", "tag", "stated", "measured", "unknown"


class UndecodableError(Exception):
    """Bytes that are no image we can read; the message says why."""


class AmbiguousError(UndecodableError):
    """An image that can be read in more than one way.

    Attributes:
        peak: of samples whose range is not known; None where something else isn't.
    """

    def __init__(self, reason: str, peak: "Peak | None" = None) -> None:
        super().__init__(reason, peak)  # both, or it could not come from another process
        self.peak = peak

    def __str__(self) -> str:
        """The reason."""
        return str(self.args[0])


class Peak(NamedTuple):
    """The largest colour sample of an image.

    Attributes:
        kind: INTEGER, LONG, INVERTED (where the largest is the darkest) or FLOAT.
    """

    kind: str
    value: float


class SampleRange(NamedTuple):
    """The sample values between black and white.

    Attributes:
        white: the sample value that becomes 255; black is 0.
        by: what tells it: FORMAT, TAG, STATED or MEASURED.
    """

    white: float
    by: str


EIGHT_BITS = SampleRange(255, FORMAT)


class Scales(Protocol):
    """Tells the range of images of more than 8 bits."""

    def range_of(self, peak: Peak, tagged: float | None) -> SampleRange:
        """The range of one image.

        Args:
            tagged: the white that its file names.

        Raises:
            AmbiguousError: it isn't known for sure.
        """


@dataclass(frozen=True)
class Settled:
    """A range decided before; `white` as in `SampleRange`."""

    white: float

    def range_of(self, peak: Peak, tagged: float | None) -> SampleRange:
        """That range, whatever the image says."""
        del tagged
        return _holding(peak, SampleRange(self.white, STATED), "the range decided for it")


@dataclass(frozen=True)
class Rules:
    """The range by what is stated, else tagged, else measured over a set.

    Attributes:
        bits: of the samples, if a person states them.
        tops: of the set, by kind of sample: the largest value, and how many images aren't black.
            Empty: each image is a set of its own.
    """

    bits: int | None = None
    tops: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    def measured(self, peaks: Iterable[Peak]) -> "Rules":
        """These rules for a set whose images without a tag have these peaks."""
        tops: dict[str, tuple[float, int]] = {}
        for kind, value in peaks:
            top, count = tops.get(kind, (0.0, 0))
            tops[kind] = (max(top, value), count + (value > 0))
        return Rules(self.bits, tops)

    def range_of(self, peak: Peak, tagged: float | None) -> SampleRange:
        """As `Scales`."""
        if self.bits and peak.kind != FLOAT:
            return _holding(
                peak, SampleRange(2**self.bits - 1, STATED), f"the {self.bits} bits stated"
            )
        if tagged:
            return _holding(
                peak, SampleRange(tagged, TAG), f"the largest its tags allow, {tagged:g}"
            )
        alone = (peak.value, int(peak.value > 0))
        if peak.kind == INVERTED:  # its largest sample is its darkest and tells little
            return _certain(peak)
        top, count = self.tops.get(peak.kind, alone)
        return _measured(peak, top, count)


def smallest_range(kind: str, top: float) -> float:
    """The white of the smallest range of a camera that holds a value; 0 if none does."""
    whites = (1,) if kind == FLOAT else tuple(2**bits - 1 for bits in BITS)
    return next((white for white in whites if top <= white), 0)


def in_words(white: float) -> str:
    """What a range is called."""
    bits = int(white).bit_length()
    return f"{bits} bits (0 to {white:g})" if bits > 1 else f"0 to {white:g}"


def _measured(peak: Peak, top: float, count: int) -> SampleRange:
    if not peak.value:
        return SampleRange(smallest_range(peak.kind, top) or 1, FORMAT)  # black in any range
    samples, white = f"{peak.kind} samples that name no range", smallest_range(peak.kind, top)
    if not white:
        raise AmbiguousError(f"{samples}, up to {top:g}", peak)
    if top <= white / 2:
        raise AmbiguousError(f"{samples}, none above {top:g}: too dark to measure it", peak)
    if peak.kind == INTEGER and white == 2**16 - 1:
        found = SampleRange(white, FORMAT)
    elif count < FEWEST:
        raise AmbiguousError(f"{samples}, up to {top:g}, and no other image to compare", peak)
    else:
        found = SampleRange(white, MEASURED)
    if peak.value <= white / 4:
        raise AmbiguousError(
            f"{samples}, up to {peak.value:g}, where other images reach {top:g}", peak
        )
    return found


def _certain(peak: Peak) -> SampleRange:
    if peak.value <= 2**15 - 1:
        raise AmbiguousError(f"{peak.kind} samples that name no range", peak)
    return SampleRange(2**16 - 1, FORMAT)


def _holding(peak: Peak, found: SampleRange, what: str) -> SampleRange:
    if peak.value > found.white:
        raise AmbiguousError(f"{peak.kind} samples up to {peak.value:g}, above {what}")
    return found


class FolderScales:
    """Rules whose set is measured when the first image needs it: a folder of 8 bits is read once.

    Args:
        bits: as in `Rules`.
        peaks: of the images of the set that name no range; called once, at most.
    """

    def __init__(self, bits: int | None, peaks: Callable[[], Iterable[Peak]]) -> None:
        self._bits, self._peaks = bits, peaks
        self.measured: set[float] = set()  # the whites found so far

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self._bits).measured(self._peaks())

    def range_of(self, peak: Peak, tagged: float | None) -> SampleRange:
        """As `Scales`."""
        found = (Rules(self._bits) if tagged or self._bits else self._rules).range_of(peak, tagged)
        if found.by == MEASURED:
            self.measured.add(found.white)
        return found
