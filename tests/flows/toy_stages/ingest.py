"""A toy stage: the original files, as the real one keeps them, but patients in their names."""

from smearflow.cells.labels import Labels
from smearflow.cells.raw import write_raw
from smearflow.intake.sources import fetch, located
from smearflow.params.ingest import Ingest
from smearflow.params.machine import Locations
from smearflow.params.problem import Classes
from stages.runner import Folders, run


def ingest(settings: Ingest, problem: Classes, locations: Locations, folders: Folders) -> None:
    """Keep the files of each source."""
    for source in settings.sources:
        labels = Labels(problem.classes, problem.spellings, source.labels)
        cells = fetch(located(source, locations), labels, folders.work).cells
        write_raw(
            folders.outputs / f"raw/{source.name}.zip",
            (
                (f"{cell.label}/{cell.name.patient}P_{cell.file.name}", cell.file.read_bytes())
                for cell in cells
            ),
        )
        print(f"{source.name}: {len(cells)} files", flush=True)


if __name__ == "__main__":
    run(ingest)
