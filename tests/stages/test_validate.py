import json
from pathlib import Path

import pytest

from smearflow.errors import SmearflowError
from stages.ingest import ingest
from stages.runner import run_in
from stages.validate import validate
from tests.material import short_params, write_cells
from tests.stages.project import make_project, tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with 60 cells, one of them twice."""
    cells = write_cells(tmp_path / "cells", patients=10, per_class=3)
    files = sorted(cells.glob("Uninfected/*.png"))
    files[0].write_bytes(files[1].read_bytes())
    return make_project(tmp_path / "project", short_params(cells, cells))


def test_results_and_page(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_in(root, ingest)
    run_in(root, validate)
    results = json.loads((root / "outputs/validate/results.json").read_text())
    assert results["success"]
    assert results["statistics"]["failed_warning"] == 1
    (failed,) = [each for each in results["expectations"] if not each["success"]]
    assert (failed["column"], failed["severity"]) == ("sha256", "warning")
    assert len(failed["failing"]) == failed["failing_count"] == 2
    assert failed["failing"][0].startswith("nih/Uninfected/C10P19ThinF")
    assert "warning: column sha256" in capsys.readouterr().out
    assert "<html" in (root / "reports/validate/data_docs/index.html").read_text()
    assert str(root) not in json.dumps(results)

    first = tree(root / "outputs")
    run_in(root, validate)
    assert tree(root / "outputs") == first


def test_a_critical_failure_stops_and_its_page_stays(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = root.parent / "cells"
    (cells / "Gametocyte").mkdir()
    for file in sorted(cells.glob("Uninfected/*.png"))[:4]:
        file.rename(cells / "Gametocyte" / file.name)
    run_in(root, ingest)
    with pytest.raises(SmearflowError, match="column label") as caught:
        run_in(root, validate)
    (line,) = [text for text in capsys.readouterr().out.splitlines() if text.startswith("critical")]
    assert line.startswith("critical: column label: expect_column_values_to_be_in_set: 4 of 60")
    assert "nih/Gametocyte/C10P19ThinF" in line
    page = str(caught.value).split("see ")[1].split(" and")[0]
    assert "Gametocyte" in (root / page).read_text()
    assert not (root / "outputs/validate").exists()
