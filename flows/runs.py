"""The table of saved runs, for the terminal; nothing of the test side, which invites choosing."""

import argparse
import sys

from flows import PROJECT
from flows.decisions import decisions
from flows.experiments import COLUMNS, SavedRun, saved_runs
from flows.git import require_git
from flows.looks import note_looks
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.pipes import end_if_unread
from smearflow.report.text import columns, number


def table(runs: list[SavedRun]) -> str:
    """A row per run, the latest first; figures are of validation cells."""
    rows = [("run", "saved", *COLUMNS)]
    rows += [
        (run.name, f"{run.created:%F %H:%M}", *(number(run.values[name]) for name in COLUMNS))
        for run in runs
    ]
    return columns(rows)


def main() -> None:
    """List the saved runs of this clone and its worktrees."""
    argparse.ArgumentParser(prog="python -m flows.runs", description=main.__doc__).parse_args()
    try:
        require_git(PROJECT, "the table of runs")
        with decisions(PROJECT, "Looks at test sets") as registry:
            note_looks(PROJECT, registry)
        runs = saved_runs(PROJECT)
        print(table(runs) if runs else "no run is saved yet: make run", flush=True)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        sys.exit(f"error: {as_smearflow(error, PROJECT)}")


if __name__ == "__main__":
    main()
