import csv
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from smearflow.assessment.parasitaemia import parasitaemia
from smearflow.edge.predict import main
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.files import write_json
from smearflow.images.decode import pixels_of
from smearflow.sample.writing import write_batch
from tests.bad_input.cases import NO_CELLS, REPEATS
from tests.cells.deep_files import tiff
from tests.edge.test_novelty import with_novelty
from tests.edge.test_patients import GOOD, told
from tests.material import PROJECT, cell_image, write_cells, write_deep_cells


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of several modes and sizes, one of them below, and one file that is none."""
    images = tmp_path / "images"
    (images / "below").mkdir(parents=True)
    noise = np.random.default_rng(1).integers(0, 256, (31, 40, 4)).astype(np.uint8)
    Image.fromarray(noise[..., :3]).save(images / "b.png")
    Image.fromarray(noise).save(images / "below" / "rgba.png")
    Image.fromarray(noise[..., 0]).save(images / "grey.jpg")
    Image.fromarray(noise[..., 0].astype(np.uint16) * 257).save(images / "sixteen.png")
    Image.fromarray(noise[..., :3]).quantize(8).save(images / "palette.gif")
    (images / "a.png").write_bytes(b"not an image")
    return images


def _rows(text: str) -> dict[str, dict[str, str]]:
    return {row["file"]: row for row in csv.DictReader(io.StringIO(text))}


def test_a_row_per_file(
    folder: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(folder), "--model", str(export_folder)])
    printed = capsys.readouterr()
    rows = _rows(printed.out)
    names = ["a.png", "b.png", "below/rgba.png", "grey.jpg", "palette.gif", "sixteen.png"]
    assert list(rows) == names
    assert rows.pop("a.png") == {
        "file": "a.png",
        "patient": "images",
        "probability": "",
        "label": "",
        "answer": "",
        "error": "not an image",
        "warning": "",
    }
    assert "1 of 6 files" in printed.err
    assert "range" not in printed.err
    model = EdgeModel(export_folder)
    for name, row in rows.items():
        pixels = pixels_of((folder / name).read_bytes(), model.image_size)
        probability = model.predict(pixels[None])[0][0]
        assert float(row["probability"]) == pytest.approx(probability, abs=1e-6)
        assert row["label"] == ("Parasitized" if probability >= 0.4 else "Uninfected")
        assert row["answer"] == ("not a cell" if row["warning"] else row["label"])
        assert row["error"] == ""


def test_12_bits_in_16_give_what_8_bits_give(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = write_cells(tmp_path / "eight", patients=2, per_class=2)
    write_deep_cells(cells, tmp_path / "deep")
    printed = {}
    for name, bits in (("eight", ()), ("deep", ()), ("deep", ("--bits", "12"))):
        main([str(tmp_path / name), "--model", str(export_folder), *bits])
        printed[name, bits] = capsys.readouterr()
    eight, measured, stated = (text.out.replace(".tif", ".png") for text in printed.values())
    assert eight == measured == stated
    warned = ["12 bits (0 to 4095), measured" in text.err for text in printed.values()]
    assert warned == [False, True, False]


def test_one_deep_image_of_no_known_range_gets_no_label(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(np.full((40, 40, 3), 3000, np.uint16)))
    main([str(tmp_path), "--model", str(export_folder)])
    row = _rows(capsys.readouterr().out)["a.tif"]
    assert (row["probability"], row["label"]) == ("", "")
    assert "name no range" in row["error"]


def test_what_cannot_be_a_cell_or_was_there_before_is_warned_of(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = cell_image(np.random.default_rng(1), parasitized=True)
    images = {
        "a.png": cell,
        "b.png": cell.transpose(Image.Transpose.ROTATE_90),
        "c.png": Image.new("RGB", (60, 60)),
        "d.png": Image.new("RGB", (60, 60)),
        "e.jpg": Image.new("RGB", (1600, 1200), "pink"),
    }
    for name, image in images.items():
        image.save(tmp_path / name)
    main([str(tmp_path), "--model", str(export_folder)])
    printed = capsys.readouterr()
    rows = _rows(printed.out)
    assert all(row["label"] and row["probability"] and not row["error"] for row in rows.values())
    kinds = [row["warning"].partition(":")[0] for row in rows.values()]
    assert kinds == ["", "shows the same as a.png", "black", "black", "larger than a cell"]
    table, warnings = printed.err.splitlines()[:2], printed.err.splitlines()[2:]
    assert tuple(warnings) == (*NO_CELLS.messages, *REPEATS.messages)
    assert (table[-1].split()[1], table[-1].split()[-1]) == ("1", "4")  # cells, left out


def test_cells_are_not_warned_of(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_batch(tmp_path / "cells", "stain", 1, cells=40)
    main([str(tmp_path / "cells"), "--model", str(export_folder)])
    printed = capsys.readouterr()
    assert {row["warning"] for row in _rows(printed.out).values()} == {""}
    assert "warning" not in printed.err


@pytest.mark.parametrize("name", ["b.png", "below/rgba.png"])
def test_an_image_is_a_row(
    name: str, folder: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(folder), "--model", str(export_folder)])
    among_all = _rows(capsys.readouterr().out)[name]
    main([str(folder / name), "--model", str(export_folder)])
    alone = _rows(capsys.readouterr().out)
    own = {"file": Path(name).name, "patient": Path("images", name).parent.name}
    assert alone == {Path(name).name: among_all | own}


def test_a_reader_that_has_gone_is_no_error(folder: Path, export_folder: Path) -> None:
    command = ("-m", "smearflow.edge.predict", str(folder), "--model", str(export_folder))
    program = subprocess.Popen(
        [sys.executable, *command],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    said = program.stderr.read()
    assert program.wait() == 141
    assert "error" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", ["empty", "absent"])
def test_a_folder_without_files_is_an_error(name: str, tmp_path: Path, export_folder: Path) -> None:
    (tmp_path / "empty").mkdir()
    problem = "holds no files" if name == "empty" else "does not exist"
    with pytest.raises(SystemExit, match=f"error: .*{name} {problem}; name a folder"):
        main([str(tmp_path / name), "--model", str(export_folder)])


def test_an_export_that_is_none_is_an_error(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: .* holds no edge model"):
        main([str(folder), "--model", str(tmp_path)])


def numbered(folder: Path) -> Path:
    """Cells of two patients by their names, and of one by the folder."""
    write_cells(folder, patients=2, per_class=3)
    (folder / "ward 7").mkdir()
    for number in range(2):
        cell_image(np.random.default_rng(number), parasitized=True).save(
            folder / f"ward 7/{number}.png"
        )
    return folder


def test_a_row_per_patient(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images, output = numbered(tmp_path / "images"), tmp_path / "new/tables"
    main([str(images), "--model", str(export_folder), "--output", str(output)])
    printed = capsys.readouterr()
    assert {file.name for file in output.iterdir()} == {"cells.csv", "patients.csv"}
    cells = _rows((output / "cells.csv").read_text())
    patients = list(csv.DictReader(io.StringIO((output / "patients.csv").read_text())))
    assert [row["patient"] for row in patients] == ["C1", "C2", "ward 7"]
    assert [row["cells"] for row in patients] == ["6", "6", "2"]
    for row in patients:
        own = [cell for cell in cells.values() if cell["patient"] == row["patient"]]
        positive = sum(cell["label"] == "Parasitized" for cell in own)
        assert int(row["positive"]) == positive
        assert float(row["share"]) == pytest.approx(positive / len(own), abs=1e-6)
        assert row["left_out"] == "0"
        assert (row["parasitaemia"], row["verdict"]) == ("", "")
    lines = printed.out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["patient", "C1", "C2", "ward 7"]
    assert printed.err == ""


def with_operating(export: Path, folder: Path, lower: float, upper: float) -> None:
    """Copy an export, and tell it how good it is and between which limits a person must look."""
    shutil.copytree(export, folder)
    description = json.loads((folder / "edge.json").read_text()) | told()
    description["operating"]["answers"] = {"lower": lower, "upper": upper}
    write_json(folder / "edge.json", description)


def test_three_answers_and_what_they_say_of_a_patient(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = numbered(tmp_path / "images")
    main([str(images), "--model", str(export_folder)])
    probabilities = [float(row["probability"]) for row in _rows(capsys.readouterr().out).values()]
    lower, upper = np.quantile(probabilities, (0.3, 0.7))
    with_operating(export_folder, tmp_path / "export", lower, upper)
    arguments = [str(images), "--model", str(tmp_path / "export")]
    main([*arguments, "--output", str(tmp_path / "tables")])
    lines = capsys.readouterr().out.splitlines()
    cells = _rows((tmp_path / "tables/cells.csv").read_text()).values()
    answers = {"Uninfected": set[float](), "look yourself": set(), "Parasitized": set()}
    for cell in cells:
        answers[cell["answer"]].add(float(cell["probability"]))
    negative, open_, positive = answers.values()
    assert max(negative) < lower <= min(open_)
    assert max(open_) < upper <= min(positive)
    patients = csv.DictReader(io.StringIO((tmp_path / "tables/patients.csv").read_text()))
    for row, line in zip(patients, lines[1:], strict=True):
        own = Counter(cell["answer"] for cell in cells if cell["patient"] == row["patient"])
        counts = [own["Parasitized"], own["Uninfected"], own["look yourself"]]
        names = ("answered_positive", "answered_negative", "look_yourself")
        assert [int(row[name]) for name in names] == counts
        expected = parasitaemia(int(row["positive"]), int(row["cells"]), GOOD, GOOD)
        names = ("parasitaemia", "parasitaemia_low", "parasitaemia_high")
        assert [float(row[name]) for name in names] == pytest.approx(expected, abs=1e-6)
        assert row["verdict"] in line
        assert [f"{count}" for count in counts] == line.removeprefix(row["patient"]).split()[1:4]
        assert len(line) <= 100


def test_json_tells_what_csv_tells(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = numbered(tmp_path / "images")
    (images / "broken.png").write_bytes(b"not an image")
    main([str(images), "--model", str(export_folder)])
    as_csv = _rows(capsys.readouterr().out)
    main([str(images), "--model", str(export_folder), "--format", "json"])
    told = json.loads(capsys.readouterr().out)
    assert told["classes"] == ["Uninfected", "Parasitized"]
    assert [cell["file"] for cell in told["cells"]] == list(as_csv)
    for cell in told["cells"]:
        row = as_csv[cell["file"]]
        if cell["probability"] is not None:
            cell["probability"] = f"{cell['probability']:.6f}"
        assert {name: value or "" for name, value in cell.items()} == row
    assert {row["patient"]: row["left_out"] for row in told["patients"]} == {
        "images": 1,
        "C1": 0,
        "C2": 0,
        "ward 7": 0,
    }


def test_a_pattern_tells_patients(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    images = numbered(tmp_path / "images")
    main([str(images), "--model", str(export_folder), "--pattern", r"(?P<patient>P\d+)Thin"])
    rows = _rows(capsys.readouterr().out)
    assert {row["patient"] for row in rows.values()} == {"P10", "P11", "ward 7"}
    for pattern in ("(", "C[0-9]+"):
        with pytest.raises(SystemExit, match=r"error: the pattern .*; "):
            main([str(images), "--model", str(export_folder), "--pattern", pattern])


def test_what_lies_far_from_cells_is_warned_of_and_not_counted(
    tmp_path: Path, export_folder: Path, pixels: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    cell_image(np.random.default_rng(1), parasitized=True).save(tmp_path / "a.png")
    for limit, warned in ((1e6, False), (0.0, True)):
        folder = tmp_path / f"export{warned}"
        with_novelty(export_folder, folder, pixels, limit)
        main([str(tmp_path / "a.png"), "--model", str(folder), "--format", "json"])
        printed = capsys.readouterr()
        told = json.loads(printed.out)
        (cell,), (patient,) = told["cells"], told["patients"]
        assert bool(cell["warning"]) is warned
        assert patient["cells"] == (0 if warned else 1)
        assert (cell["answer"] == "not a cell") is warned
        assert (patient["share"] is None) is warned
        assert ("unlike" in printed.err) is warned


def test_formats_that_are_not_read_are_counted(
    tmp_path: Path,
    export_folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cell_image(np.random.default_rng(1), parasitized=True).save(tmp_path / "a.png")
    (tmp_path / "b.czi").write_bytes(b"ZISRAWFILE")
    main([str(tmp_path), "--model", str(export_folder)])
    printed = capsys.readouterr()
    assert list(_rows(printed.out)) == ["a.png"]
    assert printed.err.splitlines()[-1] == "warning: images of formats that are not read: 1"
    with pytest.raises(
        SystemExit, match="holds no files but images of formats that are not read: 1; name"
    ):
        main([str(tmp_path / "b.czi"), "--model", str(export_folder)])


@pytest.mark.parametrize("name", ["table.csv", "file"])
def test_tables_go_into_a_folder(name: str, tmp_path: Path, export_folder: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match=f"error: .*{name} is no folder; name one"):
        main(["x", "--model", str(export_folder), "--output", str(tmp_path / name)])
