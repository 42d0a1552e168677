"""The verbs of `smearflow feedback`: what people do with labels."""

import typer

from flows import CLONE, options
from flows.verb import verb
from smearflow.ground.errors import SmearflowError

feedback = typer.Typer(rich_markup_mode=None, subcommand_metavar="VERB ...")


@verb(feedback)
def add(
    place: options.Place,
    profile: options.Profile = CLONE,
    site: options.Site = None,
    pattern: options.Pattern = None,
    group: options.Grouping = None,
    reviewer: options.Reviewer = None,
) -> None:
    """Take labels of cells in; nothing that was said before is lost.

    A folder of new cells; or a table about images beside it, or about cells that are known by
    their ids.
    """
    from flows.cli import folder_of
    from flows.feedback import add
    from flows.labels import USUAL_SITE, Asked
    from smearflow.report.feedback import receipt_text

    named = folder_of(place)
    if named is None:
        raise SmearflowError("nothing is handed in", "name a folder of cells, or a table: ADD=")
    asked = Asked(named, site or USUAL_SITE, pattern, group, reviewer)
    print(receipt_text(add(profile, asked)), flush=True)


@verb(feedback)
def queue(
    profile: options.Profile = CLONE,
    incoming: options.Incoming = None,
    site: options.Site = None,
    pattern: options.Pattern = None,
    group: options.Grouping = None,
    budget: options.Budget = None,
    test: options.Test = False,
) -> None:
    """Lay out the new cells whose labels should teach most, for people to label.

    Fill in the table and hand it in by `smearflow feedback add`. None are of patients whose cells
    models are tested by; with --test all are, drawn at random.
    """
    from flows.cli import folder_of
    from flows.labels import USUAL_SITE
    from flows.queue import TABLE, queue

    asked = (profile, folder_of(incoming), site or USUAL_SITE, pattern, budget)
    found = queue(*asked, group=group, for_test=test)
    print(f"{found.cells} of {found.of} cells: fill in {found.folder / TABLE}", flush=True)
