"""What a validation tells of the cells themselves, also where a stage failed."""

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from flows.artifacts import publish_section
from flows.summary import shown
from smearflow.cells.naming import NIH_PATTERN
from smearflow.ground.errors import SmearflowError
from smearflow.intake.names import image_names
from smearflow.intake.proposal import Proposal, propose
from smearflow.params.ingest import Source
from smearflow.params.whole import Params, load_params
from smearflow.report.first_look import FOLDER, first_look, look_text, proposed


def tell_understood(
    root: Path, done: Collection[str], failure: SmearflowError | None = None
) -> str:
    """Write the page of what was understood, and attach its sections to the flow run.

    Args:
        root: folder of the run.
        done: the stages of it that have ended; nothing of others is read.
        failure: of the stage that came next.

    Returns:
        The same as text: before ingest has ended, what is proposed by the names of the images.
    """
    params = load_params(root / "params.yaml")
    if "ingest" not in done:
        shutil.rmtree(root / FOLDER, ignore_errors=True)  # a page of other cells
        proposals = _by_names(params, root, of_patients="patient" in str(failure))
        return "\n\n".join(map(proposed, proposals))
    look = first_look(root, params.problem.classes, split="split" in done)
    for section in look.sections:
        publish_section(section)
    return f"{look_text(look)}\n\n  look at  {shown(look.page)}"


def tell_what_there_is(root: Path, done: Collection[str], failure: SmearflowError) -> None:
    """Print it after a stage failed; that failure is the one to be told."""
    try:
        if text := tell_understood(root, done, failure):
            print(f"\n{text}\n", flush=True)
    except Exception as error:
        print(f"warning: what was understood can't be told: {error}", flush=True)


def _by_names(params: Params, root: Path, *, of_patients: bool) -> Iterator[Proposal]:
    """For each source whose settings do not tell its patients, as far as its names are known.

    Args:
        of_patients: whether it is known that nothing else, as folders or a table, tells them.
    """
    for number, source in enumerate(params.ingest.sources):
        if source.patient_pattern is not None or source.group != "patient":
            continue
        place = _place(source, params, root)
        try:
            paths = image_names(place) if place else []
        except (SmearflowError, OSError):  # the stage has said what is wrong with it
            continue
        proposal = propose(number, source.name, paths) if paths else None
        if proposal and proposal.value != NIH_PATTERN and (proposal.guess or of_patients):
            yield proposal


def _place(source: Source, params: Params, root: Path) -> Path | None:
    """Where the cells of a source are on this machine, or were unpacked."""
    named = params.locations.get(source.name) or source.location
    unpacked = sorted(root.glob(f"work/ingest/*/units/{source.name}"))
    places = [*([Path(named).expanduser()] if named else []), *unpacked]
    return next((place for place in places if place.exists()), None)
