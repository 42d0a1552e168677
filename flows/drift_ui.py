"""Evidently's own UI of every window that a clone has judged: on this machine, until Ctrl-C."""

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flows import PROJECT
from flows.processes import end_group, start_guarded, tool_environment
from flows.server import HOST, check_port, hold, port_number, wait_until_answered
from smearflow.ground.errors import SmearflowError
from smearflow.records.verdict import Verdict

COUNT = "evidently:metric_v2:DriftedColumnsCount"
_VERSION = "/api/version"  # what its server tells once it is ready


def windows(project: Path) -> dict[str, list[Path]]:
    """The judged windows of each profile, the oldest first: folders with Evidently's own report."""
    found: dict[str, list[Path]] = {}
    for report in sorted((project / "reports/monitoring").glob("*/*/reports/monitor/drift.json")):
        window = report.parents[2]
        found.setdefault(window.parent.name, []).append(window)
    return found


def fill(workspace: Path, judged: dict[str, list[Path]]) -> None:
    """Put windows into a new workspace: a project a profile, a run a window."""
    from evidently.core.report import Snapshot  # here, because it takes seconds
    from evidently.sdk.models import PanelMetric
    from evidently.sdk.panels import line_plot_panel
    from evidently.ui.workspace import Workspace

    place = Workspace.create(str(workspace))
    for profile, folders in judged.items():
        project = place.create_project(f"smearflow: {profile}")
        share = PanelMetric(
            legend="share",
            metric=COUNT,
            view_params={"value_type": "share"},
            metric_labels={"value_type": "share"},
        )
        project.dashboard.add_panel(
            line_plot_panel("Share of the quantities that drifted, window by window", [share])
        )
        for folder in folders:
            verdict = json.loads(Verdict.path(folder).read_text())["verdict"]
            report = Snapshot.load(folder / "reports/monitor/drift.json")
            _make_one_line(report.metric_results.values())
            place.add_run(project.id, report, name=f"{folder.name}: {verdict}")


def _make_one_line(results: Iterable[Any]) -> None:
    """Forget the settings of the count: the UI draws a line for each, and limits differ by model
    and by number of patients, so that a window would seldom be on the line of the one before."""
    for result in results:
        if result.metric_value_location.metric.params["type"] == COUNT:
            for value in (result.count, result.share):
                settings = value.metric_value_location.metric.params
                for name in set(settings) - {"type"}:
                    del settings[name]


@contextlib.contextmanager
def serving(project: Path, port: int) -> Iterator[str]:
    """The UI; its workspace is made anew of what there is, and thrown away at the end.

    Yields:
        Its address.

    Raises:
        SmearflowError: no window has been judged, the port is taken, or it does not start.
    """
    judged = windows(project)
    if not judged:
        raise SmearflowError("no window has been judged yet", "make monitor INCOMING=<folder>")
    check_port(port)
    url = f"http://{HOST}:{port}"
    with TemporaryDirectory() as workspace:
        fill(Path(workspace), judged)
        log = project / ".prefect/drift-ui.log"
        log.parent.mkdir(exist_ok=True)
        tool = Path(sys.executable).with_name("evidently")
        command = [str(tool), "ui", "--workspace", workspace, "--host", HOST, "--port", f"{port}"]
        with log.open("wb") as output:
            server = start_guarded(
                command,
                cwd=Path(workspace),
                environment=tool_environment() | {"DO_NOT_TRACK": "1"},
                output=output,
            )
        try:
            wait_until_answered(server, f"{url}{_VERSION}", "Evidently's UI", log)
            yield url
        finally:
            end_group(server, 5)


def serve_drift_ui(port: str) -> None:
    """Hold the UI until Ctrl-C.

    Raises:
        SmearflowError: the port is none, or as of `serving`.
    """
    hold("Evidently's UI", serving(PROJECT, port_number(port)))
