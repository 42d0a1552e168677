import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from smearflow.monitoring import windows
from smearflow.monitoring.baseline import save_baseline
from stages.monitor import monitor
from stages.runner import run_in
from tests.material import short_params, write_cells
from tests.monitoring.colour_model import ColourModel, toy_baseline
from tests.stages.project import make_project, tree, write_params


@pytest.fixture
def project(tmp_path: Path, cells: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a baseline and an empty data/incoming."""
    monkeypatch.setattr(windows, "EdgeModel", ColourModel)
    root = make_project(tmp_path, short_params(cells, cells))
    (root / "outputs/export").mkdir(parents=True)
    (root / "outputs/baseline").mkdir()
    save_baseline(toy_baseline(cells, resamples=20), root / "outputs/baseline")
    (root / "data/incoming").mkdir(parents=True)
    (root / "data/incoming/README.md").write_text("put images here")
    return root


def test_no_window_is_no_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_in(project, monitor)
    verdict = json.loads((project / "outputs/monitor/verdict.json").read_text())
    assert verdict["verdict"] == "no window"
    assert "0 cells: no window" in capsys.readouterr().out


def test_drift_is_printed_and_the_results_are_the_same_bytes_twice(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cells(project / "data/incoming", patients=4, seed=2, stain=1.5)
    run_in(project, monitor)
    first = tree(project / "outputs/monitor")
    assert set(first) == {"scores.parquet", "verdict.json"}
    assert json.loads(first["verdict.json"])["verdict"] == "drift"
    assert str(project).encode() not in first["verdict.json"]
    printed = capsys.readouterr().out
    assert "32 cells: drift\n  taken for 4 patients\n" in printed
    assert "red optical density is higher" in printed
    assert {path.name for path in (project / "reports/monitor").iterdir()} == {
        "distributions.png",
        "drift.html",
        "drift.png",
        "seconds.json",
    }
    run_in(project, monitor)
    assert tree(project / "outputs/monitor") == first


def test_names_are_read_by_the_patterns_of_the_sources(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, file in enumerate(write_cells(project / "new", patients=4).rglob("*.png")):
        file.rename(project / "data/incoming" / f"lab-{number % 4}-{number}.png")
    for pattern, patients in ((None, 1), (r"lab-(?P<patient>\d)", 4)):
        params = YAML(typ="safe").load(project / "params.yaml")
        params["ingest"]["sources"][0] |= {"patient_pattern": pattern}
        write_params(project, params)
        run_in(project, monitor)
        verdict = json.loads((project / "outputs/monitor/verdict.json").read_text())
        assert verdict["window"]["patients"] == patients
        assert verdict["notes"][0] in capsys.readouterr().out
