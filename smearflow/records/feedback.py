"""What people say of cells: events, which are added and never changed."""

from typing import Annotated, Literal

from pydantic import Field

from smearflow.ground.record import Part
from smearflow.params.ingest import Group

SiteName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=40)]


class SiteNamed(Part):
    """A site, named once it has cells: every later hand-in of it is read in the same way.

    Attributes:
        site: its name.
        pattern: as in `naming.parse_name`; None: as in the cells of the model in use.
        group: what must stay on one side of the split.
        at: ISO 8601.
    """

    event: Literal["site"] = "site"
    site: SiteName
    pattern: str | None = None
    group: Group = "patient"
    at: str


class SeenCell(Part):
    """A cell of a hand-in.

    Attributes:
        cell: what `duplicates.pixel_hash` makes of it: the same image is the same cell.
        path: in the folder of its batch.
        patient, field, time, site: as in `naming.Name`.
    """

    cell: str
    path: str
    patient: str | None = None
    field: str | None = None
    time: str | None = None
    site: str | None = None


class Said(Part):
    """A label of one cell by one reviewer."""

    cell: str
    label: str
    reviewer: str
    note: str = ""


class Agreement(Part):
    """How the labels of a batch agree with what the model in use says of the same cells.

    Attributes:
        cells: that were compared.
        share: that agree, 0 to 1; None of no cells.
        p_value: that labels which have nothing to do with the answers agree so little, by Fisher's
            exact test; None where labels or answers are of one class only.
        flagged: whether that is so unlikely that the classes must have been taken for each other.
    """

    cells: int
    share: float | None
    p_value: float | None
    flagged: bool


class HandedIn(Part):
    """A hand-in.

    Attributes:
        batch: its folder in the store.
        site: whose cells they are.
        at: ISO 8601.
        cells: those that were not known before.
        said: labels, also of cells that were known.
        agreement: with the model that was in use then.
    """

    event: Literal["hand-in"] = "hand-in"
    batch: str
    site: SiteName
    at: str
    cells: tuple[SeenCell, ...]
    said: tuple[Said, ...]
    agreement: Agreement


class Contested(Part):
    """A cell on which reviewers differ.

    Attributes:
        path: in the store.
        labels: the last word of each, by reviewer.
        label: that counts; None: none, the cell is left out.
    """

    cell: str
    path: str
    labels: dict[str, str]
    label: str | None


class Receipt(Part):
    """What came of a hand-in.

    Attributes:
        batch: its folder in the store; None: it said nothing new.
        site: whose cells they are.
        cells: with a label; of these `new` were not known before.
        labels: how many cells of each class are labelled now, of all of the site.
        unread: images that can't be decoded, and rows without a label.
        held_out: cells of patients, or what else stays together, on the test side.
        alone: whether all cells of the site are of one patient.
        grouped_by: what stays on one side of the split.
        agreement: with the model in use.
        contested: cells of all sites on which reviewers differ.
    """

    batch: str | None
    site: SiteName
    cells: int
    new: int
    labels: dict[str, int]
    unread: int
    held_out: int
    alone: bool
    grouped_by: Group
    agreement: Agreement
    contested: tuple[Contested, ...]


Event = Annotated[SiteNamed | HandedIn, Field(discriminator="event")]
