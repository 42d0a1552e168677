"""A toy stage: the original files, as the real one keeps them."""

from smearflow.cells.raw import write_raw
from smearflow.intake.sources import fetch, located
from smearflow.params.ingest import Ingest
from smearflow.params.machine import Locations
from smearflow.params.problem import Classes
from stages.runner import Folders, run


def ingest(settings: Ingest, problem: Classes, locations: Locations, folders: Folders) -> None:
    """Keep the files of each source."""
    for source in settings.sources:
        cells = fetch(located(source, locations), problem.classes, folders.work)
        members = write_raw(cells, folders.outputs / f"raw/{source.name}.zip")
        print(f"{source.name}: {len(members)} files", flush=True)


if __name__ == "__main__":
    run(ingest)
