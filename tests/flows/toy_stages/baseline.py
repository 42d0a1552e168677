"""A toy stage."""

from smearflow.ground.files import write_json
from smearflow.params.baseline import Baseline
from stages.runner import Folders, run


def baseline(settings: Baseline, folders: Folders) -> None:
    """Write something to promote."""
    write_json(folders.outputs / "baseline.json", {"resamples": settings.resamples})


if __name__ == "__main__":
    run(baseline)
