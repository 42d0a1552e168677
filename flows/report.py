"""The report page of a run, with its look at the test set on record; also of `dvc repro` alone."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows import PROJECT
from flows.incoming import is_stand_in
from flows.workspaces import check_profile, run_folder, workspace_folder
from smearflow.errors import SmearflowError, as_smearflow
from smearflow.pipes import end_if_unread
from smearflow.registry import Registry
from smearflow.report.pages import write_report


def note_look(root: Path, registry: Registry) -> int:
    """Put the look at the test set that a run took on record; which one it was.

    Raises:
        SmearflowError: the run has not been evaluated.
    """
    file = root / "outputs/evaluate/metrics.json"
    if not file.is_file():
        raise SmearflowError(
            f"{root} has not been evaluated", "finish that run: the same `make run` goes on with it"
        )
    metrics = json.loads(file.read_text())
    return registry.note_look(
        metrics["test_sha256"], metrics["model_sha256"], datetime.now(UTC), workspace=root.name
    )


def main() -> None:
    """Write reports/index.html of a run anew."""
    options = argparse.ArgumentParser(prog="python -m flows.report", description=main.__doc__)
    options.add_argument("--profile", required=True, help="whose last run, unless one is named")
    options.add_argument("--run", help="folder of the run, as workspaces/nih")
    arguments = options.parse_args()
    try:
        root = _root(arguments.profile, arguments.run)
        look = note_look(root.resolve(), Registry(PROJECT / "registry"))
        print(write_report(root, look, is_stand_in(root)), flush=True)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        sys.exit(f"error: {as_smearflow(error, PROJECT)}")


def _root(profile: str, run: str | None) -> Path:
    if run:
        return run_folder(Path(run))
    check_profile(PROJECT, profile)
    root = workspace_folder(PROJECT, profile)
    if not root.is_dir():
        raise SmearflowError(
            f"profile {profile} has no run", f"train a model: make run PROFILE={profile}"
        )
    return root


if __name__ == "__main__":
    main()
