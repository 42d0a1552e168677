import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.edge.predict import main
from smearflow.edge.runtime import EdgeModel
from smearflow.images.decode import pixels_of
from smearflow.sample.writing import write_batch
from tests.bad_input.cases import NO_CELLS, REPEATS
from tests.cells.deep_files import tiff
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
        "probability": "",
        "label": "",
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
    warnings = [row["warning"].partition(":")[0] for row in rows.values()]
    assert warnings == ["", "shows the same as a.png", "black", "black", "larger than a cell"]
    assert tuple(printed.err.splitlines()) == (*NO_CELLS.messages, *REPEATS.messages)


def test_cells_are_not_warned_of(
    tmp_path: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_batch(tmp_path / "cells", "stain", 1, cells=40)
    main([str(tmp_path / "cells"), "--model", str(export_folder)])
    printed = capsys.readouterr()
    assert {row["warning"] for row in _rows(printed.out).values()} == {""}
    assert printed.err == ""


@pytest.mark.parametrize("name", ["b.png", "below/rgba.png"])
def test_an_image_is_a_row(
    name: str, folder: Path, export_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(folder), "--model", str(export_folder)])
    among_all = _rows(capsys.readouterr().out)[name]
    main([str(folder / name), "--model", str(export_folder)])
    alone = _rows(capsys.readouterr().out)
    assert alone == {Path(name).name: among_all | {"file": Path(name).name}}


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
