"""Labels of a profile: where they lie, what was said so far, and which site is meant."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from flows import PROJECT
from flows.processes import in_turn
from flows.settings import settings_file
from smearflow.feedback.store import Store, fold
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import append_json_line, read_json_lines
from smearflow.params.feedback import Rule
from smearflow.params.whole import load_params
from smearflow.records.feedback import Event, HandedIn, SiteNamed

EVENTS = "events.jsonl"
USUAL_SITE = "handed-in"  # of cells that were handed in without a site


def labelled_folder(profile: str) -> Path:
    """Where the labels of a profile are."""
    return PROJECT / "data/labelled" / profile


def labelling(profile: str) -> AbstractContextManager[None]:
    """Whoever adds to the labels of a profile does so alone."""
    return in_turn(PROJECT / f".dvc/tmp/feedback-{profile}.lock")


def reports_folder(profile: str) -> Path:
    """Where pages and tables about labels are."""
    return PROJECT / "reports/feedback" / profile


def read_store(folder: Path) -> Store:
    """What people said so far.

    Raises:
        SmearflowError: a line is none that this code knows.
    """
    adapter: TypeAdapter[SiteNamed | HandedIn] = TypeAdapter(Event)
    try:
        return fold(adapter.validate_python(line) for line in read_json_lines(folder / EVENTS))
    except ValidationError as error:
        raise SmearflowError(
            f"{folder / EVENTS} holds what this code does not know",
            "use the code that wrote it, or a later one: git pull",
        ) from error


def rule_of(profile: str) -> Rule:
    """Which of several labels counts, by the profile."""
    return load_params(settings_file(PROJECT, profile)).feedback.conflicts


@dataclass(frozen=True)
class Asked:
    """What somebody hands in.

    Attributes:
        place: a folder of labelled cells, or a table of labels.
        site: whose cells they are.
        pattern: that finds patients in their names; None: as the site was named, or the model's.
        group: likewise what stays together.
        reviewer: who labelled them; None: whoever works here.
    """

    place: Path
    site: str = USUAL_SITE
    pattern: str | None = None
    group: str | None = None
    reviewer: str | None = None


def remember_site(folder: Path, store: Store, site: SiteNamed) -> None:
    """Keep how a site is named, unless that is known."""
    known = store.sites.get(site.site)
    if known is None or (known.pattern, known.group) != (site.pattern, site.group):
        append_json_line(folder / EVENTS, site.model_dump(mode="json"))


def site_named(store: Store, asked: Asked) -> SiteNamed:
    """The site as it was named when its first cells came, or as it is named now; its time is now.

    Raises:
        SmearflowError: it has cells and was named otherwise, or this is no name of a site.
    """
    now, named = datetime.now(UTC).isoformat(), store.sites.get(asked.site)
    if named is None or asked.site not in store.settled:
        before = named or SiteNamed(site=USUAL_SITE, at=now)
        try:
            return SiteNamed.model_validate(
                {
                    "site": asked.site,
                    "pattern": asked.pattern or before.pattern,
                    "group": asked.group or before.group,
                    "at": now,
                }
            )
        except ValidationError as error:
            raise SmearflowError(
                f"SITE={asked.site} is no name of a site, or GROUP={asked.group} of a group",
                "name a site by up to 40 small letters, digits, - and _; a group is patient, "
                "field, time or file",
            ) from error
    for given, kept, what in (
        (asked.pattern, named.pattern, "PATTERN"),
        (asked.group, named.group, "GROUP"),
    ):
        if given is not None and given != kept:
            raise SmearflowError(
                f"the site {asked.site} was named with {what}={kept or 'none'}, not {given}",
                f"leave {what} out, or give these cells a site of their own: SITE=<name>",
            )
    return named.model_copy(update={"at": now})
