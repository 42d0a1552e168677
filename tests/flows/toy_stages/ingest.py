"""A toy stage: the original files, as the real one keeps them."""

from pathlib import Path

from smearflow.cells.raw import write_raw
from smearflow.params import Params
from stages.runner import Folders, run


def ingest(params: Params, folders: Folders) -> None:
    """Keep the files of each source."""
    for source in params.ingest.sources:
        members = write_raw(Path(source.location or ""), folders.outputs / f"raw/{source.name}.zip")
        print(f"{source.name}: {len(members)} files", flush=True)


if __name__ == "__main__":
    run(ingest)
