"""The pages of a run anew, with every look at its test set on record; also of `dvc repro` alone."""

import argparse
import sys
from pathlib import Path

from flows import PROJECT
from flows.decisions import decisions
from flows.looks import note_looks
from flows.settings import check_profile
from flows.worktrees import folder_of_profile, run_folder
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.pipes import end_if_unread
from smearflow.report.pages import rewrite_pages


def main() -> None:
    """Write the pages of a run anew, as its stage `pages` does."""
    options = argparse.ArgumentParser(prog="python -m flows.report", description=main.__doc__)
    options.add_argument("--profile", required=True, help="whose last run, unless one is named")
    options.add_argument("--run", help="folder of the run, as runs/nih")
    arguments = options.parse_args()
    try:
        root = _root(arguments.profile, arguments.run)
        with decisions(PROJECT, "Looks at test sets") as registry:
            note_looks(PROJECT, registry)
        print(rewrite_pages(root), flush=True)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        sys.exit(f"error: {as_smearflow(error, PROJECT)}")


def _root(profile: str, run: str | None) -> Path:
    if run:
        return run_folder(Path(run))
    check_profile(PROJECT, profile)
    root = folder_of_profile(PROJECT, profile)
    if not (root / "outputs").is_dir():
        raise SmearflowError(
            f"profile {profile} has no run", f"train a model: make run PROFILE={profile}"
        )
    return root


if __name__ == "__main__":
    main()
