import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from smearflow.cells.files import cell_files
from smearflow.monitoring.stored import save_baseline
from smearflow.records.verdict import Verdict
from smearflow.report.drift.verdict import alerts, notes
from smearflow.windows import judge as windows
from stages.monitor import monitor
from stages.runner import run_in
from tests.material import short_params, store_raw, write_cells
from tests.monitoring.colour_model import ColourModel, toy_baseline
from tests.stages.project import make_project, tree, write_params


def paths_of_test_cells(cells: Path) -> list[str]:
    """Paths in the manifest of the cells of three patients."""
    found = [file for file in cell_files(cells) if file.name.startswith(("C1P", "C2P", "C3P"))]
    return [f"nih/{file.relative_to(cells).as_posix()}" for file in found]


def verdict_of(project: Path) -> dict[str, Any]:
    run_in(project, monitor)
    found: dict[str, Any] = json.loads((project / "outputs/monitor/verdict.json").read_text())
    return found


@pytest.fixture
def project(tmp_path: Path, cells: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a baseline, 24 cells of 3 test patients and an empty data/incoming."""
    monkeypatch.setattr(windows, "EdgeModel", ColourModel)
    root = make_project(tmp_path, short_params(cells, cells))
    store_raw(cells, root / "outputs/ingest/raw/nih.zip")
    (root / "outputs/split").mkdir()
    table = pd.DataFrame({"path": paths_of_test_cells(cells), "patient": "not asked for"})
    table.to_parquet(root / "outputs/split/test.parquet")
    (root / "outputs/export").mkdir(parents=True)
    (root / "outputs/baseline").mkdir()
    save_baseline(toy_baseline(cells, resamples=20), root / "outputs/baseline")
    (root / "data/incoming").mkdir(parents=True)
    (root / "data/incoming/README.md").write_text("put images here")
    return root


def test_the_test_cells_stand_in_where_there_is_no_window(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = verdict_of(project)
    assert verdict["stand_in"] is True
    assert verdict["verdict"] == "stable"
    assert (verdict["window"]["cells"], verdict["window"]["patients"]) == (24, 3)
    assert "24 cells: stable" in capsys.readouterr().out
    first = tree(project / "outputs/monitor")
    assert "nih/Parasitized/" in str(pd.read_parquet(project / "outputs/monitor/scores.parquet"))
    run_in(project, monitor)
    assert tree(project / "outputs/monitor") == first
    assert set(tree(project / "data")) == {"incoming/README.md"}  # they were never put there


def test_the_stand_in_follows_the_split(project: Path) -> None:
    file = project / "outputs/split/test.parquet"
    pd.read_parquet(file).iloc[:12].to_parquet(file)
    assert verdict_of(project)["window"]["cells"] == 12


def test_images_in_the_window_are_judged_instead(project: Path) -> None:
    write_cells(project / "data/incoming", patients=2, per_class=3, first_patient=40)
    verdict = verdict_of(project)
    assert verdict["stand_in"] is False
    assert (verdict["window"]["cells"], verdict["window"]["patients"]) == (12, 2)


def test_drift_is_printed_and_the_results_are_the_same_bytes_twice(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_cells(project / "data/incoming", patients=4, seed=2, stain=1.5)
    run_in(project, monitor)
    first = tree(project / "outputs/monitor")
    assert set(first) == {"cells.npz", "distributions.json", "scores.parquet", "verdict.json"}
    assert json.loads(first["verdict.json"])["verdict"] == "drift"
    assert str(project).encode() not in first["verdict.json"]
    verdict = Verdict.read(project)
    told = [f"  {line}" for line in (*notes(verdict), *alerts(verdict))]
    assert len(told) > 1
    assert capsys.readouterr().out.splitlines() == ["32 cells: drift", *told]
    assert {path.name for path in (project / "reports/monitor").iterdir()} == {
        "drift.html",
        "drift.json",
        "seconds.json",
    }
    run_in(project, monitor)
    assert tree(project / "outputs/monitor") == first


def test_names_are_read_by_the_patterns_of_the_sources(project: Path) -> None:
    for number, file in enumerate(write_cells(project / "new", patients=4).rglob("*.png")):
        file.rename(project / "data/incoming" / f"lab-{number % 4}-{number}.png")
    for pattern, patients in ((None, 1), (r"lab-(?P<patient>\d)", 4)):
        params = YAML(typ="safe").load(project / "params.yaml")
        params["ingest"]["sources"][0] |= {"patient_pattern": pattern}
        write_params(project, params)
        verdict = verdict_of(project)
        assert verdict["window"]["patients"] == patients
        assert verdict["window"]["names"]["patients"] == (patients if pattern else 0)
