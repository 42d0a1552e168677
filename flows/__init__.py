"""When things happen: order, schedules, retries, events, decisions carried out.

Importing the package points Prefect at the project's own folder, before Prefect is imported, and
has Ctrl-C end a program without a traceback, while it is still importing too.
"""

import os
import sys
from pathlib import Path
from types import TracebackType

import smearflow  # noqa: F401  switches telemetry off

PIPELINE = "dvc.yaml"  # what makes a folder a project
RUNS = "runs"  # where its worktrees are
CLONE = "sample"  # the profile that is the clone's own params.yaml


def project_of(place: Path) -> Path | None:
    """The project that a folder is in, the nearest with dvc.yaml from it upwards; None for none.

    A run's worktree, `runs/<name>`, is a part of the clone around it.
    """
    for folder in (place, *place.parents):
        if (folder / PIPELINE).is_file():
            clone = folder.parent.parent
            return (
                clone if folder.parent == clone / RUNS and (clone / PIPELINE).is_file() else folder
            )
    return None


# where the user is, not where this code lies: that may have been installed away from any project
PROJECT = project_of(Path.cwd()) or Path.cwd()

DEFAULTS = {
    "PREFECT_HOME": str(PROJECT / ".prefect"),
    # the flows print what a person wants to see; Prefect's own lines are in its log and UI
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
    # slots of concurrency limits held by a crashed server come free again
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": (
        "prefect.server.concurrency.lease_storage.filesystem"
    ),
}
for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)


def _quiet_on_interrupt(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quiet_on_interrupt
