"""What a training on these cells can show, and what it cannot."""

from collections.abc import Iterator

from smearflow.report.elements import Section, Table
from smearflow.report.text import number
from smearflow.report.units import PATIENTS, Unit, unit_of
from smearflow.understanding.reach import BETWEEN, half_width
from smearflow.understanding.sides import SideParts
from smearflow.understanding.tells import Tell
from smearflow.understanding.whole import Understanding

_SHOWN = 20  # pairs of look-alikes
_FORMULA = (
    "a 95 % interval of t x s / sqrt(n): patients are the units, however many cells they have, n "
    f"of them; s = {BETWEEN}, the standard deviation of accuracy between 33 patients of the "
    "NLM/NIH set, taken to be the same here"
)


def prospects_section(found: Understanding, unit: Unit) -> Section:
    """Sentences, the sides class by class, and the cells that look like those of another.

    Args:
        unit: what the split keeps on one side.
    """
    tables = [_sides(found, unit)] if found.sides else []
    if len(found.alike):
        tables.append(_alike(found))
    title = "What a training on them can and cannot show"
    return Section("prospects", title, list(_sentences(found, unit)), tables)


def _sentences(found: Understanding, unit: Unit) -> Iterator[str]:
    yield from _test(found, unit)
    yield from _missing(found)
    yield from _alone(found, unit)
    yield from map(_tell, (found.classes,) * len(found.tells), found.tells)
    yield _lookalikes(found, unit)


def _test(found: Understanding, unit: Unit) -> Iterator[str]:
    """How sure its figures will be, and of whom they hold."""
    if unit != PATIENTS:
        yield (
            f"It cannot show how well new patients are judged: the cells are split by {unit.one}, "
            "and cells of one patient, who may be on both sides, look alike. Figures will be too "
            "good, and how much nobody can tell."
        )
        return
    test = next((side for side in found.sides if side.name == "test"), None)
    width = half_width(test.whole.groups) if test else None
    if test is None or width is None:
        return
    rare = min(test.classes, key=lambda part: part.groups)
    at = test.classes.index(rare)
    name, figure = found.classes[at], ("specificity", "sensitivity")[at]
    own = half_width(rare.groups)
    less = (
        f" {rare.groups} of them have {name} cells: {figure} will be known to about ±{own:.3f}."
        if own is not None and rare.groups < test.whole.groups
        else ""
    )
    yield (
        f"On {unit.count(test.whole.groups)} of the test side accuracy will be known to about "
        f"±{width:.3f} ({_FORMULA}).{less}"
    )


def _missing(found: Understanding) -> Iterator[str]:
    for side in found.sides:
        for name, part in zip(found.classes, side.classes, strict=True):
            if part.cells == 0:
                yield f"The {side.name} side has no {name} cell: nothing can be said of them there."


def _alone(found: Understanding, unit: Unit) -> Iterator[str]:
    """Whether people differ where classes do."""
    groups = found.exclusive
    alone = groups.only_negative + groups.only_positive
    if not alone or unit == unit_of(["file"]):  # of a file, one cell, nothing else could be
        return
    negative, positive = found.classes
    told = (
        f"{unit.count(groups.both)} with cells of both classes, {groups.only_positive:,} with "
        f"{positive} cells alone, {groups.only_negative:,} with {negative} cells alone"
    )
    if groups.both == 0:
        yield (
            f"{told}: the network may learn to tell {unit.many}, by stain, light or camera, in "
            "place of what is asked, and the test would not show it. Look for "
            f"{unit.many} that have both."
        )
    else:
        yield f"{told}."


def _tell(classes: tuple[str, str], tell: Tell) -> str:
    negative, positive = classes
    return (
        f"The {tell.what} alone tells the classes in {tell.share:.0%} of the cells (a coin: 50%): "
        f"{positive} {_typical(tell.positive)}, {negative} {_typical(tell.negative)}. The network "
        "may learn that in place of what is asked."
    )


def _typical(value: dict[str, float] | float) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return ", ".join(f"{share:.0%} {name or 'none'}" for name, share in list(value.items())[:3])


def _lookalikes(found: Understanding, unit: Unit) -> str:
    count = len(found.alike)
    if not count:
        return f"No cell looks like one of another {unit.one}, mirrored and turned ones included."
    other = int(found.alike["other_label"].sum())
    labels = f", {other:,} of them with another label" if other else ""
    cells = "1 cell looks" if count == 1 else f"{count:,} cells look"
    return (
        f"{cells} like one of another {unit.one}, as it is, mirrored or turned{labels}: perhaps "
        "the same cell twice. On two sides of the split that makes figures too good."
    )


def _sides(found: Understanding, unit: Unit) -> Table:
    negative, positive = found.classes
    columns = ("side", "cells", unit.many, positive, f"{unit.many} ", negative, f"{unit.many}  ")
    return Table("Cells of the sides", columns, [_row(side) for side in found.sides], ("side",))


def _row(side: SideParts) -> tuple[str, ...]:
    parts = (side.whole, *reversed(side.classes))
    return (side.name, *(number(each) for part in parts for each in (part.cells, part.groups)))


def _alike(found: Understanding) -> Table:
    rows = [
        (str(row.cell), str(row.like), "another" if row.other_label else "the same")
        for row in found.alike.head(_SHOWN).itertuples()
    ]
    caption = f"Cells that look like others: {len(rows)} of {len(found.alike):,}"
    return Table(caption, ("cell", "looks like", "label"), rows, ("cell", "looks like", "label"))
