"""What a person should know of how a source was understood, a line each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from smearflow.intake.listing import Listing
from smearflow.records.sources import LeftOut, Reason, SourceFacts

_SHOWN = 3  # kinds of one reason
_SAID: dict[Reason, str] = {
    "broken link": "links lead nowhere or back",
    "copy": "images are in copies of the class folders",
    "difficult": "boxes are marked as difficult",
    "drawn twice": "boxes are drawn twice",
    "foreign format": "images are of formats that smearflow does not read",
    "label left out": "cells have labels that params.yaml leaves out",
    "mask": "images are masks or drawings of others",
    "no file": "rows or boxes are of images that are not there",
    "no image": "files or folders are no images",
    "no label": "images have no label",
    "too small": "boxes are too small",
}
_WEAKER = {
    "field": "one field of view",
    "time": "one time",
    "file": "one image file",
}


def understood(listing: Listing) -> str:
    """One line: how many cells, in what layout, of whom."""
    facts, cells = listing.facts, listing.cells
    words = {label: name for label, name in facts.labels.items() if label != name}
    spelled = "; ".join(f"{label} is {name}" for label, name in words.items())
    folders = f"{facts.folders:,} {'folder' if facts.folders == 1 else 'folders'}"
    people = len({cell.name.patient for cell in cells} - {None})
    of = f"{people:,} patients by {facts.patients_by}" if people else "nothing tells patients"
    parts = (f"{len(cells):,} cells in {folders}, {facts.layout}", of, spelled)
    return "; ".join(part for part in parts if part)


def notices(facts: SourceFacts) -> Iterator[str]:
    """Lines, those that cost something with `warning: ` before them."""
    if facts.grouped_by in _WEAKER:
        yield (
            f"warning: what stays on one side of the split is {_WEAKER[facts.grouped_by]}, not one "
            "patient: a patient's cells look alike and may be on both, so figures will be too good"
        )
    if facts.sides:
        yield (
            f"its folders {', '.join(facts.sides)} are not followed: such sides are split by cell, "
            "here by patient"
        )
    for text in left_out(facts):
        yield f"left out: {text}"


def left_out(facts: SourceFacts) -> Iterator[str]:
    """What is not used and why, a line for each reason."""
    by_reason: dict[Reason, list[LeftOut]] = defaultdict(list)
    for part in facts.left_out:
        by_reason[part.reason].append(part)
    for reason, parts in by_reason.items():
        kinds = _most_common(parts)
        counted = f"{sum(part.count for part in parts)} {_SAID[reason]}"
        yield f"{counted}{f' ({kinds})' if kinds else ''}, first {parts[0].first}"


def _most_common(parts: Sequence[LeftOut]) -> str:
    """What they are, the most frequent first, as far as that is told."""
    named = sorted((part for part in parts if part.what), key=lambda part: -part.count)
    shown = [f"{part.count} {part.what}" for part in named[:_SHOWN]]
    return ", ".join(shown + (["..."] if len(named) > _SHOWN else []))
