"""The report page of a run, with its look at the test set on record; also of `dvc repro` alone."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from flows import PROJECT
from flows.incoming import is_stand_in
from smearflow.errors import SmearflowError, as_smearflow
from smearflow.registry import Registry
from smearflow.report.pages import write_report


def note_look(root: Path, registry: Registry) -> int:
    """Put the look at the test set that a run took on record; which one it was.

    Raises:
        SmearflowError: the run has not been evaluated.
    """
    file = root / "outputs/evaluate/metrics.json"
    if not file.is_file():
        raise SmearflowError(f"{root} has not been evaluated", "run its stages: make run")
    metrics = json.loads(file.read_text())
    return registry.note_look(
        metrics["test_sha256"], metrics["model_sha256"], datetime.now(UTC), workspace=root.name
    )


def main() -> None:
    """Write reports/index.html of a run anew."""
    options = argparse.ArgumentParser(prog="python -m flows.report", description=main.__doc__)
    options.add_argument("root", type=Path, help="folder of the run, as in workspaces/nih")
    root = options.parse_args().root
    try:
        look = note_look(root.resolve(), Registry(PROJECT / "registry"))
        print(write_report(root, look, is_stand_in(root)))
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {as_smearflow(error, root)}")


if __name__ == "__main__":
    main()
