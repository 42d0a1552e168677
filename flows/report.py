"""The pages of a run anew, with every look at its test set on record; also of `dvc repro` alone."""

from pathlib import Path

from flows import PROJECT
from flows.looks import record_looks
from flows.settings import check_profile
from flows.worktrees import folder_of_profile, run_folder
from smearflow.ground.errors import SmearflowError


def rewrite(profile: str, run: str | None) -> Path:
    """Write the pages of a run anew, as its stage `pages` does; returns the first of them.

    Args:
        profile: whose last run is meant, unless one is named.
        run: folder of the run.

    Raises:
        SmearflowError: there is no such run.
    """
    root = _root(profile, run)
    from smearflow.report.pages import rewrite_pages  # here: what draws takes seconds to import

    record_looks(PROJECT)
    return rewrite_pages(root)


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
