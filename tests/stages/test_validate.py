import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from smearflow.cells.raw import RawCells
from smearflow.ground.errors import SmearflowError
from smearflow.sides.side import load_side
from smearflow.splitting.splits import SIDES
from stages.ingest import ingest
from stages.runner import run_in
from stages.split import split
from stages.validate import validate
from tests.material import short_params, write_cells
from tests.stages.project import make_project, tree, write_params


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
    assert (failed["column"], failed["severity"]) == ("copy_of", "warning")
    assert len(failed["failing"]) == failed["failing_count"] == 1
    assert failed["failing"][0].startswith("nih/Uninfected/C10P19ThinF")
    assert "warning: A copy of another image" in capsys.readouterr().out
    assert (root / "reports/validate/index.html").read_text().count("data:image/png") == 1
    assert len(pd.read_csv(root / "reports/validate/offenders.csv")) == 1
    assert pd.read_csv(root / "outputs/validate/quarantine.csv").empty
    assert "http" not in (page := (root / "reports/validate/data_docs/index.html").read_text())
    assert "<html" in page
    assert str(root) not in json.dumps(results)

    first = tree(root / "outputs")
    run_in(root, validate)
    assert tree(root / "outputs") == first


def test_a_critical_failure_stops_and_its_page_stays(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = root.parent / "cells"
    for file in sorted(cells.glob("Uninfected/*.png"))[:2]:
        shutil.copy(file, cells / "Parasitized" / f"{file.stem}_again.png")
    run_in(root, ingest)
    with pytest.raises(SmearflowError, match="two labels") as caught:
        run_in(root, validate)
    (line,) = [text for text in capsys.readouterr().out.splitlines() if text.startswith("critical")]
    assert "nih/Parasitized/C10P19ThinF" in line
    assert line.endswith("(4 of 62 rows; labels_of_pixels: expect_column_values_to_be_between)")
    page = Path(str(caught.value).split("see ")[1].split(", then")[0])
    assert "nih/Parasitized/C10P19ThinF" in page.read_text()
    assert "_again" in (page.parent / "data_docs/index.html").read_text()
    assert not (root / "outputs/validate").exists()


@pytest.fixture
def contradictory(tmp_path: Path) -> Path:
    """A project with 240 cells, one of which has both labels and one of which is damaged."""
    cells = write_cells(tmp_path / "cells", patients=30, per_class=4)
    shutil.copy(next(cells.glob("Parasitized/C3P*")), cells / "Uninfected")
    next(cells.glob("Uninfected/C8P*")).write_bytes(b"")
    root = make_project(tmp_path / "project", short_params(cells, cells))
    run_in(root, ingest)
    return root


def set_quarantine(root: Path, **values: object) -> None:
    params = YAML(typ="safe").load(root / "params.yaml")
    params["validate"] |= values
    write_params(root, params)


def test_the_same_cell_under_two_labels_stops(contradictory: Path) -> None:
    message = r"two labels: .*nih/Parasitized/C3P.*2 of 240 rows; labels_of_pixels"
    with pytest.raises(SmearflowError, match=message):
        run_in(contradictory, validate)


def test_a_source_that_corrects_labels_replaces_them(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, corrected = root.parent / "cells", tmp_path / "corrected"
    name = next(cells.glob("Parasitized/C3P*")).name
    (corrected / "Uninfected").mkdir(parents=True)
    shutil.copy(cells / "Parasitized" / name, corrected / "Uninfected")
    params = YAML(typ="safe").load(root / "params.yaml")
    later = {"name": "later", "location": str(corrected), "corrects": True}
    params["ingest"]["sources"].append(params["ingest"]["sources"][0] | {"sha256": None} | later)
    write_params(root, params)
    run_in(root, ingest)
    assert "1 images have another label" in capsys.readouterr().out
    run_in(root, validate)
    results = json.loads((root / "outputs/validate/results.json").read_text())
    assert (results["images"], results["corrected"], results["quarantined"]) == (61, 1, 0)
    (row,) = pd.read_csv(root / "outputs/validate/quarantine.csv").to_dict("records")
    stem = name.removesuffix(".png")
    assert (row["row"], row["severity"]) == (f"nih/Parasitized/{stem}", "corrected")
    assert row["why"].endswith(f"later/Uninfected/{stem}")
    run_in(root, split)
    ids = [
        cell for side in SIDES for cell in load_side(root / "outputs/split", side).table["cell_id"]
    ]
    assert f"later/Uninfected/{stem}" in ids
    assert f"nih/Parasitized/{stem}" not in ids


@pytest.mark.parametrize(("which", "quarantined"), [("critical", 2), ("all", 3)])
def test_a_quarantine_lists_counts_and_leaves_out(
    which: str, quarantined: int, contradictory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_quarantine(contradictory, quarantine=which)
    run_in(contradictory, validate)
    assert f"{quarantined} of 240 images quarantined" in capsys.readouterr().out
    listed = pd.read_csv(contradictory / "outputs/validate/quarantine.csv")
    assert listed["row"].nunique() == quarantined
    results = json.loads((contradictory / "outputs/validate/results.json").read_text())
    assert (results["images"], results["quarantined"]) == (240, quarantined)
    run_in(contradictory, split)
    summary = json.loads((contradictory / "outputs/split/summary.json").read_text())
    assert summary["quarantined"] == quarantined
    sides = [load_side(contradictory / "outputs/split", side).table for side in SIDES]
    packed = pd.concat(sides)
    assert len(packed) == 240 - 3  # the damaged one can't be used anyway
    assert not set(packed["cell_id"]) & set(listed["row"])
    with RawCells(contradictory / "outputs/ingest/raw") as raw:
        assert all(isinstance(raw.read(path), bytes) for path in listed["path"])


def test_a_quarantine_of_too_many_stops(contradictory: Path) -> None:
    set_quarantine(contradictory, quarantine="critical", most_quarantined=0.005)
    with pytest.raises(SmearflowError, match=r"2 of 240 images would be quarantined"):
        run_in(contradictory, validate)
    assert not (contradictory / "outputs/validate").exists()
