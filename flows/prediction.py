"""Labels for images by the edge model of a profile's champion; CSV, without Prefect."""

import sys
from pathlib import Path

from flows import PROJECT
from flows.decisions import model_at_hand, open_registry
from flows.settings import check_profile
from flows.worktrees import folder_of_profile, run_folder
from smearflow.edge.predict import write_predictions
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError


def label_images(images: str, profile: str, run: str | None, bits: int | None) -> None:
    """Write a row per image to standard output.

    Args:
        images: an image, or a folder of images at any depth.
        run: folder of a run whose model is wanted, instead of the profile's champion.
        bits: of samples of more than 8 bits; None: by their tags, or measured.

    Raises:
        SmearflowError: there are no images, or no model.
    """
    if not images:
        raise SmearflowError(
            "no images are named",
            "name a folder of cell images, or an image: make predict IMAGES=<folder or image>",
        )
    export = export_of(profile, Path(run) if run else None)
    write_predictions(Path(images), EdgeModel(export), sys.stdout, bits)
    sys.stdout.flush()


def export_of(profile: str, run: Path | None = None) -> Path:
    """The export folder of the edge model to use.

    Args:
        run: folder of a run whose model is wanted, instead of the profile's champion.

    Returns:
        Where nothing was promoted, that of the last run, and standard error says so.

    Raises:
        SmearflowError: there is no such run or profile; or nothing was promoted, and no run
            exported a model.
    """
    if run is not None:
        return run_folder(run) / "outputs/export"
    champion = open_registry(PROJECT).champion(profile)
    if champion is not None:
        return model_at_hand(PROJECT, champion).export
    check_profile(PROJECT, profile)
    last = folder_of_profile(PROJECT, profile) / "outputs/export"
    if not last.is_dir():
        raise SmearflowError(
            f"profile {profile} has no model", f"train one: make run PROFILE={profile}"
        )
    print(f"{profile} has no model in use: labelled by the last run's, {last}", file=sys.stderr)
    return last
