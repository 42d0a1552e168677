"""A toy stage."""

from smearflow.files import write_json
from smearflow.params import Params
from stages.runner import Folders, run


def baseline(params: Params, folders: Folders) -> None:
    """Write something to promote."""
    write_json(folders.outputs / "baseline.json", {"resamples": params.baseline.resamples})


if __name__ == "__main__":
    run(baseline)
