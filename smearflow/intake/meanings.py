"""Which classes the labels of tables and boxes mean."""

from collections import Counter
from collections.abc import Iterable

from smearflow.cells.labels import Labels
from smearflow.ground.errors import SmearflowError


def classes_of(
    spelled: Iterable[tuple[str, str]], labels: Labels, place: object, key: str | None
) -> dict[str, str | None]:
    """The classes that labels mean.

    Args:
        spelled: labels, and where each stands.
        place: where they all stand, for the message.
        key: of the source in params.yaml, likewise; None: it is not there.

    Returns:
        By label its class; None: its cells are left out.

    Raises:
        SmearflowError: some mean no class; names all of them.
    """
    counts, first = Counter[str](), dict[str, str]()
    for label, where in spelled:
        counts[label] += 1
        first.setdefault(label, where)
    unknown = [label for label in sorted(counts) if not labels.knows(label)]
    if unknown:
        negative, positive = labels.classes
        lines = {label: " ".join(label.split()) for label in unknown}
        counted = ", ".join(f"{line} ({counts[label]})" for label, line in lines.items())
        nulls = ", ".join(f"{line}: null" for line in lines.values())
        raise SmearflowError(
            f"{place}: labels that mean neither {positive} nor {negative}: {counted}, first "
            f"{first[unknown[0]]}",
            "add each to problem.positive or problem.negative, or leave its cells out: "
            f"{key}.labels: {{{nulls}}}"
            if key
            else f"write {positive} or {negative} there, or take out what is neither",
        )
    return {label: labels.class_of(label) for label in sorted(counts)}
