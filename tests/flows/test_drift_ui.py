"""Evidently's UI of judged windows, as it is served."""

import socket
from pathlib import Path

import httpx
import pytest

from flows.drift_ui import COUNT, serving, windows
from smearflow.ground.errors import SmearflowError
from smearflow.monitoring.stored import save_baseline
from smearflow.windows import judge
from smearflow.windows.judge import judge_window
from tests.material import PROJECT
from tests.monitoring.colour_model import ColourModel, toy_baseline

TIMES = ("2026-11-26T06-00-00-000000", "2026-11-27T06-00-00-000000")


@pytest.fixture(scope="module")
def project(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in which a window was judged by two models in turn, as the monitoring flow does."""
    root = tmp_path_factory.mktemp("clone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "EdgeModel", ColourModel)
        for time, resamples in zip(TIMES, (40, 20), strict=True):
            save_baseline(toy_baseline(cells, resamples), root)  # which has other limits
            folder = root / "reports/monitoring/toy" / time
            places = folder / "outputs/monitor", folder / "reports/monitor"
            for place in places:
                place.mkdir(parents=True)
            suite = PROJECT / "expectations/incoming.json"
            judge_window(root, root, cells, suite, 10, *places, patterns=[None])
    return root


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_each_profile_is_a_project_and_each_window_a_run(project: Path) -> None:
    with serving(project, _free_port()) as url:
        (profile,) = httpx.get(f"{url}/api/projects").json()
        assert profile["name"] == "smearflow: toy"
        runs = httpx.get(f"{url}/api/projects/{profile['id']}/snapshots").json()
        labels = {"metric": COUNT, "metric_labels": {"value_type": "share"}}
        found = httpx.post(
            f"{url}/api/v2/snapshots/{profile['id']}/data_series_batch",
            json={"series_filter": [labels | {"tags": [], "metadata": {}}]},
        ).json()
    assert sorted(run["name"] for run in runs) == [f"{time}: stable" for time in TIMES]
    assert [len(line["values"]) for line in found["series"]] == [2], "not one line of both"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_windows_are_found_oldest_first(project: Path) -> None:
    assert [folder.name for folder in windows(project)["toy"]] == list(TIMES)


def test_without_a_window_there_is_nothing_to_show(tmp_path: Path) -> None:
    with (
        pytest.raises(SmearflowError, match="no window has been judged yet"),
        serving(tmp_path, _free_port()),
    ):
        pass


def test_a_port_that_is_taken_is_named(taken_port: int, project: Path) -> None:
    with (
        pytest.raises(SmearflowError, match=f"port {taken_port} is taken"),
        serving(project, taken_port),
    ):
        pass
