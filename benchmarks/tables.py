"""Tables in Markdown, as the documents quote them."""

from collections.abc import Iterable, Sequence

Row = Sequence[object]


def markdown(names: Row, rows: Iterable[Row]) -> str:
    """A whole table: the names of its columns, then its rows."""
    return "\n".join([head(*names), *(row(*each) for each in rows)])


def head(*names: object) -> str:
    """The first two lines of a table whose rows are printed as they come."""
    return f"{row(*names)}\n{'|---' * len(names)}|"


def row(*cells: object) -> str:
    """One line."""
    return f"| {' | '.join(map(str, cells))} |"


def spread(values: Iterable[float | None], digits: int = 3) -> str:
    """The mean, in brackets the lowest and the highest, of those that are known."""
    known = [value for value in values if value is not None]
    if not known:
        return "undefined"
    mean, low, high = (
        f"{value:.{digits}f}" for value in (sum(known) / len(known), min(known), max(known))
    )
    return f"{mean} ({low}-{high})"
