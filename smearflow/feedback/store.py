"""The present labels: a fold over all that people ever said.

Nothing is changed where it lies. Another label of a known cell is one more event; which of them
counts is decided anew each time, by a rule.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

from smearflow.params.feedback import Rule
from smearflow.params.ingest import Group
from smearflow.records.feedback import Agreement, HandedIn, Said, SeenCell, SiteNamed


class Kept(NamedTuple):
    """Where a cell is.

    Attributes:
        batch: the first hand-in that held it.
        site: of that hand-in.
        seen: the cell there.
    """

    batch: str
    site: str
    seen: SeenCell


@dataclass(frozen=True)
class Store:
    """What is known after a number of events.

    Attributes:
        sites: by name.
        cells: by what `SeenCell.cell` is.
        said: by cell, every label it was ever given, oldest first.
        batches: by name, in the order in which they came, how each agreed with the model in use;
            of one that was handed in again, as it did then.
    """

    sites: Mapping[str, SiteNamed] = field(default_factory=dict)
    cells: Mapping[str, Kept] = field(default_factory=dict)
    said: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    batches: Mapping[str, Agreement] = field(default_factory=dict)

    @property
    def settled(self) -> set[str]:
        """Sites that have cells: how they are named stays."""
        return _with_cells(self.cells)

    @property
    def flagged(self) -> list[str]:
        """Batches whose classes seem to have been taken for each other."""
        return [batch for batch, agreement in self.batches.items() if agreement.flagged]


def fold(events: Iterable[SiteNamed | HandedIn]) -> Store:
    """What is known after these events, oldest first.

    A site keeps the pattern that its first cells came with, and a cell the place and the patient
    that it had first.
    """
    sites: dict[str, SiteNamed] = {}
    cells: dict[str, Kept] = {}
    said: dict[str, tuple[Said, ...]] = {}
    batches: dict[str, Agreement] = {}
    for event in events:
        if isinstance(event, SiteNamed):
            if event.site not in _with_cells(cells):
                sites[event.site] = event
            continue
        for seen in event.cells:
            cells.setdefault(seen.cell, Kept(event.batch, event.site, seen))
        for each in event.said:
            said[each.cell] = (*said.get(each.cell, ()), each)
        batches[event.batch] = event.agreement
    return Store(sites, cells, said, batches)


def _with_cells(cells: Mapping[str, Kept]) -> set[str]:
    return {kept.site for kept in cells.values()}


class Settled(NamedTuple):
    """What counts of a cell.

    Attributes:
        label: None where nothing is decided: the cell is left out.
        by_reviewer: the last word of each.
    """

    label: str | None
    by_reviewer: Mapping[str, str]

    @property
    def contested(self) -> bool:
        """Whether reviewers differ."""
        return len(set(self.by_reviewer.values())) > 1


def settle(said: Sequence[Said], rule: Rule) -> Settled:
    """The label that counts of all that a cell was given.

    Each reviewer has one vote, the last word; so nobody wins by saying it twice.

    Args:
        said: oldest first, at least one.
    """
    last = {each.reviewer: each.label for each in said}
    if rule == "latest":
        return Settled(said[-1].label, last)
    (first, most), *others = Counter(last.values()).most_common()
    tied = bool(others) and others[0][1] == most
    return Settled(None if tied else first, last)


def settle_all(store: Store, rule: Rule) -> dict[str, Settled]:
    """`settle` for every cell, by cell."""
    return {cell: settle(said, rule) for cell, said in store.said.items()}


class Whose(NamedTuple):
    """Patient and field of a cell, by their own ids; None: not known."""

    patient: str | None
    field: str | None


def grouping(site: SiteNamed, cells: Iterable[Whose], elsewhere: frozenset[str]) -> Group:
    """What stays on one side of the split: as the site was named, but a field of a lone patient.

    One patient is on one side: nothing could be learned, or else nothing tested. Fields of one
    patient look alike, so that figures by field are too good. A patient whose cells are known from
    elsewhere stays whole.

    Args:
        cells: of the site, whose each is.
        elsewhere: patients of the model in use.
    """
    known = set(cells)
    patients = {whose.patient for whose in known}
    alone = len(patients) == 1 and not patients & {None, *elsewhere}
    if site.group == "patient" and alone and all(whose.field for whose in known):
        return "field"
    return site.group


def whose(cells: Iterable[Kept]) -> Iterator[Whose]:
    """Of kept cells."""
    return (Whose(kept.seen.patient, kept.seen.field) for kept in cells)


def file_name(seen: SeenCell) -> str:
    """Of a cell among those of its site: the same one whatever label counts."""
    return f"{seen.cell[:32]}{PurePosixPath(seen.path).suffix}"


def group_of(seen: SeenCell, group: Group) -> str | None:
    """The id of what keeps a cell with others; None where that is not known."""
    known = {"patient": seen.patient, "field": seen.field, "time": seen.time}
    return known.get(group, file_name(seen))
