"""A hand-in against what was known before: what of it is new, and what it contradicts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from smearflow.feedback.store import Store, group_of, grouping, settle, settle_all, whose
from smearflow.ground.errors import SmearflowError
from smearflow.params.feedback import Rule
from smearflow.params.ingest import Group
from smearflow.records.feedback import (
    Agreement,
    Contested,
    HandedIn,
    Receipt,
    Said,
    SeenCell,
    SiteNamed,
)
from smearflow.splitting.splits import side_of


class Taken(NamedTuple):
    """The cells of a hand-in, and what it says of them.

    Attributes:
        cells: that could be decoded, each once.
        said: at least one label of each.
        unread: images that can't be decoded, and rows without a label.
    """

    cells: tuple[SeenCell, ...]
    said: tuple[Said, ...]
    unread: int

    @property
    def labels(self) -> dict[str, str]:
        """The label of each cell: of several the one that most reviewers gave, or the first."""
        said: dict[str, list[str]] = {}
        for each in self.said:
            said.setdefault(each.cell, []).append(each.label)
        return {cell: Counter(labels).most_common(1)[0][0] for cell, labels in said.items()}


class Elsewhere(NamedTuple):
    """What the cells of the model in use tell.

    Attributes:
        patients: of images, by what `SeenCell.cell` is.
        shares: of the patients on the validation side and on the test side.
    """

    patients: Mapping[str, str]
    shares: tuple[float, float]


def check_known(taken: Taken, site: SiteNamed, store: Store, elsewhere: Elsewhere) -> None:
    """Look whether cells that are known stay with the patient they are of, so on their side.

    Raises:
        SmearflowError: one would not.
    """
    for seen in taken.cells:
        patient = elsewhere.patients.get(seen.cell)
        if patient is not None and site.group != "patient":
            raise SmearflowError(
                f"{seen.path} is known as of patient {patient}, but the site {site.site} keeps "
                f"cells together by {site.group}",
                "hand known cells in under a site that is grouped by patient: SITE=<name>",
            )
        if patient is None and seen.cell in store.cells:
            patient = store.cells[seen.cell].seen.patient
        if patient is not None and seen.patient is not None and seen.patient != patient:
            raise SmearflowError(
                f"{seen.path} is of patient {seen.patient} here, and was of {patient} before",
                "correct the name, or leave that cell out: the same image is of one patient",
            )


def news(store: Store, site: SiteNamed, taken: Taken, batch: str, agreed: Agreement) -> HandedIn:
    """The event of a hand-in: cells that were not known, and what its reviewers did not say yet."""
    last = {(cell, each.reviewer): each.label for cell, said in store.said.items() for each in said}
    return HandedIn(
        batch=batch,
        site=site.site,
        at=site.at,
        cells=tuple(seen for seen in taken.cells if seen.cell not in store.cells),
        said=tuple(
            each for each in taken.said if last.get((each.cell, each.reviewer)) != each.label
        ),
        agreement=agreed,
    )


class Learned(NamedTuple):
    """Cells whose label counts now and did not before.

    Attributes:
        labels: how many of each class.
        groups: what must stay on one side of the split, each once.
    """

    labels: dict[str, int]
    groups: list[str]


def learned(before: Store, after: Store, rule: Rule) -> Learned:
    """What a hand-in taught."""
    earlier = settle_all(before, rule)
    counted: Counter[str] = Counter()
    groups: set[str] = set()
    for cell, settled in settle_all(after, rule).items():
        if settled.label is None or (cell in earlier and earlier[cell].label == settled.label):
            continue
        counted[settled.label] += 1
        kept = after.cells[cell]
        own = group_of(kept.seen, after.sites[kept.site].group)
        groups |= {f"{kept.site}/{own}"} if own else set()
    return Learned(dict(sorted(counted.items())), sorted(groups))


def contested(store: Store, rule: Rule) -> tuple[Contested, ...]:
    """The cells on which reviewers differ."""
    found = {cell: settle(said, rule) for cell, said in store.said.items()}
    return tuple(
        Contested(
            cell=cell,
            path=f"{store.cells[cell].batch}/{store.cells[cell].seen.path}",
            labels=dict(settled.by_reviewer),
            label=settled.label,
        )
        for cell, settled in found.items()
        if settled.contested
    )


def receipt(
    store: Store, event: HandedIn, taken: Taken, elsewhere: Elsewhere, rule: Rule
) -> Receipt:
    """What is told of a hand-in that the store holds now."""
    site = store.sites[event.site]
    own = [kept for kept in store.cells.values() if kept.site == event.site]
    group = grouping(site, whose(own), frozenset(elsewhere.patients.values()))
    settled = settle_all(store, rule)
    labels = Counter(label for kept in own if (label := settled[kept.seen.cell].label) is not None)
    return Receipt(
        batch=event.batch if event.said else None,
        site=event.site,
        cells=len(taken.cells),
        new=len(event.cells),
        labels=dict(sorted(labels.items())),
        unread=taken.unread,
        held_out=_held_out(taken.cells, group, elsewhere.shares),
        alone=len({kept.seen.patient for kept in own} - {None}) == 1,
        grouped_by=group,
        agreement=event.agreement,
        contested=contested(store, rule),
    )


def _held_out(cells: Iterable[SeenCell], group: Group, shares: tuple[float, float]) -> int:
    """How many cells are on the test side."""
    groups: Sequence[str | None] = [group_of(seen, group) for seen in cells]
    return sum(own is not None and side_of(f"/{own}", *shares) == "test" for own in groups)
