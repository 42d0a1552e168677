"""The model card in words: Markdown and a page, from what a release's card.json tells."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from smearflow.ground.files import write_bytes
from smearflow.release.about import About
from smearflow.release.card import Card, read_card
from smearflow.report.elements import Section, Table
from smearflow.report.html import write_page
from smearflow.report.text import display_name, number, with_interval

MARKDOWN, PAGE = "card.md", "card.html"
NO_DEVICE = (
    "This is not a medical device. It was approved by no authority, and no decision about a "
    "patient may rest on it: a person who can read smears decides."
)


def write_card(folder: Path) -> None:
    """Write card.md and card.html beside the card.json of a release."""
    card = read_card(folder)
    sections = list(card_sections(card))
    write_bytes(folder / MARKDOWN, _markdown(_title(card), sections).encode())
    write_page(folder / PAGE, "page.html.j2", title=_title(card), sections=sections)


def _title(card: Card) -> str:
    return f"Model card: {card.classes[1]} or {card.classes[0]}"


def card_sections(card: Card) -> Iterator[Section]:
    """What it is for, what it learned from, how good it is, what it is not for."""
    about = card.about
    yield Section("use", "What it is for", [*([about.question] if about else []), NO_DEVICE])
    if about is not None:
        yield _data(about)
        yield _figures(card, about)
    yield _limits(card)
    yield _revisions(card)


def _data(about: About) -> Section:
    rows = [(name, number(each.cells), number(each.patients)) for name, each in about.sides.items()]
    told = (
        f"Cells of {', '.join(about.sources)}. No patient is on two sides: the network learned "
        "from the training side, its threshold was chosen on the validation side, and the "
        "figures below are of the test side, whose patients it never saw."
    )
    table = Table("Sides", ("side", "cells", "patients"), rows, left=("side",))
    return Section("data", "Data, patients, protocol", [told], [table] if rows else [])


def _figures(card: Card, about: About) -> Section:
    rows = [(display_name(name), with_interval(each)) for name, each in about.figures.items()]
    told = [f"In brackets: {about.interval}."]
    told.append(
        f"A cell is called {card.classes[1]} from a probability of {number(card.threshold)} on."
    )
    if operating := about.operating:
        answers, rates = operating.answers, (operating.sensitivity, operating.specificity)
        sensitivity, specificity = (
            f"{number(rate.mean)} ± {number(rate.deviation)}" for rate in rates
        )
        told.append(
            f"On {operating.sensitivity.patients} validation patients with such cells the "
            f"threshold has a sensitivity of {sensitivity}, and on "
            f"{operating.specificity.patients} a specificity of {specificity} (mean "
            "and deviation between patients). Between "
            f"{number(answers.lower)} and {number(answers.upper)} a person must look."
        )
    tables = [Table("Figures of the edge model", ("figure", "test patients"), rows, ("figure",))]
    if about.worse:
        columns = ("slice", "cells", "patients", "accuracy", "the rest")
        worse = [
            (
                each.name,
                number(each.cells),
                number(each.patients),
                with_interval(each.accuracy),
                number(each.rest),
            )
            for each in about.worse
        ]
        tables.append(Table("Worse than on the rest, beyond chance", columns, worse, ("slice",)))
    return Section("figures", "How good it is", told, tables)


def _limits(card: Card) -> Section:
    sources = f" of {', '.join(card.about.sources)}" if card.about else ""
    return Section(
        "limits",
        "Limits",
        [
            f"The figures hold for cells like those it was tested on{sources}: one red blood "
            "cell an image, cut out of a thin smear. Another stain, microscope, camera or way to "
            "cut cells out needs figures of its own, and is watched for (drift).",
            "It finds no species, no stage and no parasite outside of red blood cells. A share of "
            "called cells is no parasitaemia until its errors are counted in.",
        ],
    )


def _revisions(card: Card) -> Section:
    rows = [
        ("model", card.model_sha256),
        ("code", card.code or "not known"),
        ("settings", card.settings_sha256 or "not known"),
        *((f"cells of {name}", sha256) for name, sha256 in card.data.items()),
    ]
    told = []
    if about := card.about:
        place, sha256 = about.backbone
        rows.append((f"backbone {place}", sha256 or "not pinned"))
        told.append(
            f"Licence of the weights: {about.licence}."
            if about.licence
            else "The licence of the weights is not stated: ask whoever gave you the release."
        )
    columns = ("of", "sha256, or revision of git")
    return Section(
        "revisions", "Revisions and licence", told, [Table("Revisions", columns, rows, columns)]
    )


def _markdown(title: str, sections: Sequence[Section]) -> str:
    parts = [f"# {title}"]
    for section in sections:
        parts += [f"## {section.title}", *section.sentences]
        parts += [f"{table.caption}:\n\n{_markdown_table(table)}" for table in section.tables]
    return "\n\n".join(parts) + "\n"


def _markdown_table(table: Table) -> str:
    rows = [table.columns, tuple("---" for _ in table.columns), *table.rows]
    cells = ([cell.replace("|", r"\|") for cell in row] for row in rows)
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)
