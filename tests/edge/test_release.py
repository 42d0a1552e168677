"""A release in a folder of its own, used there by the light runtime alone."""

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from smearflow.edge.checksums import write_checksums
from smearflow.edge.predict import main
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.params.registry import Limits
from smearflow.records.contest import Trial
from smearflow.release.trial import CELLS, beyond, start_once
from tests.exported import SIZE
from tests.material import PROJECT, write_cells

# None of these may be imported, by whatever way
ALONE = """
import importlib.abc, sys
BANNED = {"tensorflow", "keras", "dvc", "prefect", "pandas", "pydantic", "scipy", "flows"}
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in BANNED:
            raise ImportError(f"{name} is not on a device")
sys.meta_path.insert(0, Blocker())
from smearflow.edge.predict import main
main(sys.argv[1:])
"""


@pytest.fixture
def release(export_folder: Path, tmp_path: Path) -> Path:
    """What leaves the house, copied to a folder of its own."""
    folder = tmp_path / "made"
    shutil.copytree(export_folder, folder / "export")
    edge = json.loads((folder / "export/edge.json").read_text())
    size = (folder / "export" / edge["chosen"]).stat().st_size
    edge["models"][edge["chosen"]] |= {"bytes": size, "agreement": 1.0}
    write_json(folder / "export/edge.json", edge)
    write_json(folder / "card.json", {"for": "people"})
    write_checksums(folder)
    return Path(shutil.copytree(folder, tmp_path / "elsewhere/a release"))


def label(release: Path, cells: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", ALONE, str(cells), "--model", str(release)]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_the_light_runtime_alone_uses_it(
    release: Path, export_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = write_cells(tmp_path / "cells", patients=2, per_class=2)
    labelled = label(release, cells)
    assert labelled.returncode == 0, labelled.stderr
    assert len(list(csv.DictReader(labelled.stdout.splitlines()))) == 8
    main([str(cells), "--model", str(export_folder)])
    assert labelled.stdout == capsys.readouterr().out


@pytest.mark.parametrize("name", ["card.json", "export/edge.json", "export/model_float32.tflite"])
def test_a_damaged_file_in_it_is_refused_by_name(release: Path, name: str, tmp_path: Path) -> None:
    content = bytearray((release / name).read_bytes())
    content[-2] ^= 1
    (release / name).write_bytes(content)
    labelled = label(release, write_cells(tmp_path / "cells", patients=1, per_class=1))
    assert labelled.returncode == 1
    (line,) = labelled.stderr.splitlines()
    assert line.startswith(f"error: {release / name} is missing or not the file")


def test_it_is_started_once_and_asked(release: Path) -> None:
    pixels = np.zeros((CELLS + 10, SIZE, SIZE, 3), np.uint8)
    found = start_once(release, pixels)
    assert found.cells == CELLS
    assert 0 < found.p95_ms < 1000
    assert 20e6 < found.peak_bytes < 300e6  # and not that of this process, which has TensorFlow
    assert found.file_bytes == (release / "export/model_float32.tflite").stat().st_size
    (release / "card.json").unlink()
    with pytest.raises(SmearflowError, match=r"was started and failed: .*card\.json is missing"):
        start_once(release, pixels)


def test_pixels_that_it_does_not_take_are_a_failure(release: Path) -> None:
    with pytest.raises(SmearflowError, match="was started and failed: ValueError"):
        start_once(release, np.zeros((1, 3, 3, 3), np.uint8))


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ({}, []),
        ({"file_megabytes": 1}, ["the model's file takes 2 MB, 1 are allowed"]),
        ({"milliseconds": 2}, ["a cell takes 3 ms, 2 are allowed"]),
        ({"memory_megabytes": 99}, ["memory takes 100 MB, 99 are allowed"]),
        (
            {"load_seconds": 0.1, "milliseconds": 2},
            ["a cell takes 3 ms, 2 are allowed", "loading takes 0.5 s, 0.1 are allowed"],
        ),
    ],
)
def test_limits(limit: dict[str, float], told: list[str]) -> None:
    trial = Trial(cells=50, load_seconds=0.5, p95_ms=3, peak_bytes=10**8, file_bytes=2 * 10**6)
    assert list(beyond(trial, Limits(**limit))) == told
