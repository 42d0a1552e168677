"""Whether a source tells what must stay on one side of the split."""

from smearflow.ground.errors import SmearflowError
from smearflow.intake.listing import Listing
from smearflow.params.ingest import Group, Source

KINDS: tuple[Group, ...] = ("patient", "field", "time", "file")  # the nearest to a person first


def missing_group(listing: Listing, wanted: Group) -> list[Group]:
    """Nothing if some cell has the group that is wanted; else the kinds that cells do have."""
    known: list[Group] = [
        kind
        for kind in KINDS
        if kind == "file" or any(getattr(cell.name, kind) for cell in listing.cells)
    ]
    return [] if wanted in known else known


def require_groups(listing: Listing, source: Source, key: str) -> None:
    """Stop where a source tells nothing that could be split by; said where the keys are known.

    Args:
        key: of the source in params.yaml, as `ingest.sources.0`.

    Raises:
        SmearflowError: no cell has the group that the settings name; says which others there are.
    """
    if kinds := missing_group(listing, source.group):
        raise SmearflowError(
            f"nothing tells a {source.group} of the {len(listing.cells)} cells of the source "
            f"{source.name}, first {listing.cells[0].path}",
            f"tell them by {key}.patient_pattern or a table ({key}.table) in params.yaml; or, if "
            f"nobody knows them, split by {kinds[0]}, which makes figures too good: "
            f"{key}.group={kinds[0]}",
        )
