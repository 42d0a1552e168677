"""What a person should know of how a source was understood, a line each."""

from collections import defaultdict
from collections.abc import Iterator

from smearflow.records.sources import LeftOut, Reason, SourceFacts

_SAID: dict[Reason, str] = {
    "broken link": "links lead nowhere or back",
    "copy": "images are in copies of the class folders",
    "difficult": "boxes are marked as difficult",
    "foreign format": "images are of formats that smearflow does not read",
    "label left out": "cells have labels that params.yaml leaves out",
    "no file": "rows or boxes are of images that are not there",
    "no image": "files or folders are no images",
    "no label": "images have no label",
    "too small": "boxes are too small",
}
_WEAKER = {
    "field": "one field of view",
    "time": "one time",
    "file": "one file",
}


def notices(facts: SourceFacts) -> Iterator[str]:
    """Lines, those that cost something with `warning: ` before them."""
    if facts.grouped_by in _WEAKER:
        yield (
            f"warning: no patient is known, what stays on one side of the split is "
            f"{_WEAKER[facts.grouped_by]}: cells of one patient look alike and may be on both, so "
            "figures will be too good"
        )
    if facts.sides:
        yield (
            f"its folders {', '.join(facts.sides)} are not followed: such sides are split by cell, "
            "here by patient"
        )
    by_reason: dict[Reason, list[LeftOut]] = defaultdict(list)
    for part in facts.left_out:
        by_reason[part.reason].append(part)
    for reason, parts in by_reason.items():
        kinds = ", ".join(f"{part.count} {part.what}" for part in parts if part.what)
        counted = f"{sum(part.count for part in parts)} {_SAID[reason]}"
        yield f"left out: {counted}{f' ({kinds})' if kinds else ''}, first {parts[0].first}"
