"""Labels for images by the edge model of a profile's champion; CSV, without Prefect."""

import argparse
import sys
from pathlib import Path

from flows import PROJECT
from flows.decisions import model_at_hand, open_registry
from flows.settings import check_profile
from flows.worktrees import folder_of_profile, run_folder
from smearflow.edge import predict
from smearflow.ground.errors import SmearflowError, as_smearflow


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


def main() -> None:
    """Label images by the model in use, or by that of a run."""
    options = argparse.ArgumentParser(prog="python -m flows.prediction", description=main.__doc__)
    options.add_argument("images", help="an image, or a folder of images at any depth")
    options.add_argument("--profile", required=True, help="a file of profiles/, without .yaml")
    options.add_argument("--run", help="folder of a run whose model is wanted instead")
    arguments = options.parse_args()
    try:
        if not arguments.images:
            raise SmearflowError(
                "no images are named",
                "name a folder of cell images, or an image: make predict IMAGES=<folder or image>",
            )
        export = export_of(arguments.profile, Path(arguments.run) if arguments.run else None)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {as_smearflow(error, PROJECT)}")
    predict.main([arguments.images, "--model", str(export)])


if __name__ == "__main__":
    main()
