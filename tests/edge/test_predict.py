import csv
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.cells.images import pixels_of
from smearflow.edge.predict import main
from smearflow.edge.runtime import EdgeModel
from tests.material import PROJECT


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
    }
    assert "1 of 6 files" in printed.err
    model = EdgeModel(export_folder)
    for name, row in rows.items():
        pixels = pixels_of((folder / name).read_bytes(), model.image_size)
        probability = model.predict(pixels[None])[0][0]
        assert float(row["probability"]) == pytest.approx(probability, abs=1e-6)
        assert row["label"] == ("Parasitized" if probability >= 0.4 else "Uninfected")
        assert row["error"] == ""


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
