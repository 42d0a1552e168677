"""The table of saved runs, for the terminal; nothing of the test side, which invites choosing."""

from flows import PROJECT
from flows.experiments import COLUMNS, SavedRun, saved_runs
from flows.git import require_git
from flows.looks import record_looks
from smearflow.report.text import columns, number


def runs_table(runs: list[SavedRun]) -> str:
    """A row per run, the latest first; figures are of validation cells."""
    rows = [("run", "saved", *COLUMNS)]
    rows += [
        (run.name, f"{run.created:%F %H:%M}", *(number(run.values[name]) for name in COLUMNS))
        for run in runs
    ]
    return columns(rows)


def noted_runs() -> list[SavedRun]:
    """The saved runs of this clone and its worktrees; looks at their test sets are on record.

    Raises:
        SmearflowError: the project is no clone.
    """
    require_git(PROJECT, "the table of runs")
    record_looks(PROJECT)
    return saved_runs(PROJECT)
