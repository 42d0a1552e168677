"""What came of a hand-in of labels, in words."""

from collections.abc import Iterator

from smearflow.records.feedback import Agreement, Contested, Receipt
from smearflow.report.text import columns, number

SHOWN = 5  # contested cells in the text; the table has all


def receipt_text(receipt: Receipt) -> str:
    """A receipt as text for the terminal."""
    labels = ", ".join(f"{number(count)} {label}" for label, count in receipt.labels.items())
    rows = [
        ("site", f"{receipt.site}: {labels or 'no labels'}, split by {receipt.grouped_by}"),
        ("handed in", f"{number(receipt.cells)} cells, {number(receipt.new)} not known before"),
    ]
    rows += [("", line) for line in _remarks(receipt)]
    return columns(rows)


def _remarks(receipt: Receipt) -> Iterator[str]:
    if receipt.batch is None:
        yield "all of it was said before: nothing is added"
    if receipt.unread:
        yield f"{number(receipt.unread)} images or rows are left out: no image, or no label"
    if receipt.held_out:
        yield (
            f"{number(receipt.held_out)} cells are on the test side, where their patients stay: "
            "they test the next models, and train none"
        )
    if len(receipt.labels) == 1:
        yield (
            "warning: labels of one class only, by which no model can be told right or wrong; "
            "hand in the other class, too"
        )
    if receipt.alone and receipt.grouped_by == "field":
        yield (
            "all cells are of one patient: fields of view are split, which look alike, so figures "
            "of this site are too good"
        )
    elif receipt.alone:
        yield "all cells are of one patient, who is on one side: no test of what they teach"
    yield from _agreed(receipt.batch, receipt.agreement)
    if receipt.contested:
        yield f"{number(len(receipt.contested))} cells on which reviewers differ, in conflicts.csv:"
        yield from map(_told, receipt.contested[:SHOWN])


def _agreed(batch: str | None, agreement: Agreement) -> Iterator[str]:
    if agreement.flagged:
        yield (
            f"warning: {batch or 'this hand-in'} says the opposite of the model in use, which is "
            f"right by its labels on {number(agreement.share)} of the cells, far below chance: "
            "were the two classes taken for each other?"
        )
    elif agreement.share is not None:
        yield f"the model in use says the same of {number(agreement.share)} of the cells"


def _told(contested: Contested) -> str:
    words = ", ".join(f"{reviewer}: {label}" for reviewer, label in contested.labels.items())
    return f"  {contested.path}: {words}; {contested.label or 'left out'}"
