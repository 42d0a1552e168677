"""Settings that are proposed, as lines of params.yaml and as SET takes them."""

import re

from smearflow.intake.proposal import Proposal
from smearflow.report.text import number
from smearflow.report.units import unit_of

_LONGEST = 100  # characters of a SET that a person would type or paste
_INDENT = " " * 6  # of the keys of a source in params.yaml
_OF_SHELLS = re.compile(r"[$!`\"'#]")
_WEAK = {
    "field": "fields of view of one patient look alike",
    "time": "a patient may have several",
    "file": "every image stands for itself",
}


def why(proposal: Proposal) -> str:
    """What the setting would do, a sentence without its full stop."""
    found = proposal.guess
    if found is None:
        unit = unit_of([proposal.group])
        return (
            f"no patients of {proposal.source} are known: split by {unit.one} only to try "
            f"things out, as {_WEAK[proposal.group]}, and figures will be too good"
        )
    nameless = f", {number(found.nameless)} images of none" if found.nameless else ""
    return (
        f"the names of {proposal.source} seem to tell {found.patients:,} patients, the first "
        f"{found.first}, with {found.least:,} to {found.most:,} cells each "
        f"({found.mean:,.0f} on average{nameless}); see whether that is right"
    )


def yaml_lines(proposal: Proposal) -> str:
    """For params.yaml, below the source, as deep as its other keys."""
    text = proposal.value.replace("'", "''")
    value = f"'{text}'" if proposal.guess else text
    return f"{_INDENT}{proposal.key}: {value}"


def as_set(proposal: Proposal) -> str | None:
    """The same for the command line; None where that is too long, or a shell would misread it."""
    if _OF_SHELLS.search(proposal.value):
        return None
    value = f"'{proposal.value}'" if " " in proposal.value else proposal.value
    text = f'SET="ingest.sources.{proposal.number}.{proposal.key}={value}"'
    return text if len(text) <= _LONGEST else None


def told(proposal: Proposal) -> str:
    """All of it, for the terminal."""
    sentence, typed = why(proposal), as_set(proposal)
    lines = [
        f"{sentence[0].upper()}{sentence[1:]}.",
        f"In params.yaml, ingest.sources, in place of that line of `- name: {proposal.source}`:",
        "",
        yaml_lines(proposal),
        *(["", f"or for this command alone: {typed}"] if typed else []),
    ]
    return "\n".join(lines)
