"""The runtime as a device gets it: a wheel beside its three requirements, and nothing else."""

import os
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from smearflow.edge.predict import main
from tests.material import PROJECT, write_cells

REQUIRED = {"ai-edge-litert": "ai_edge_litert", "numpy": "numpy", "pillow": "PIL"}


def run(*command: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = ("build", "--offline", "--no-build-isolation", "--wheel", "--out-dir", folder)
    built = run("uv", *build, "--python", sys.executable, PROJECT / "edge", folder=folder)
    assert built.returncode == 0, built.stderr
    (found,) = folder.glob("smearflow_edge-*.whl")
    return found


@pytest.fixture(scope="module")
def device(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment that has the wheel and what it requires."""
    place = tmp_path_factory.mktemp("device") / "venv"
    venv.create(place, symlinks=True)
    install = ("pip", "install", "--offline", "--no-deps", "--python", place / "bin/python", wheel)
    installed = run("uv", *install, folder=place)
    assert installed.returncode == 0, installed.stderr
    (packages,) = place.glob("lib/python*/site-packages")
    for name in REQUIRED:
        found = distribution(name)
        for top in {file.parts[0] for file in found.files or () if ".." not in file.parts}:
            (packages / top).symlink_to(Path(str(found.locate_file(top))))
    return place


def test_a_wheel_holds_what_the_command_imports_and_no_more(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if name.endswith(".py")}
    assert {
        f"smearflow/{name}.py" for name in ("__init__", "edge/predict", "edge/runtime")
    } <= names
    assert not {name for name in names if "params" in name or "records" in name or "model/" in name}
    assert all((PROJECT / name).is_file() for name in names)


def test_a_device_labels_as_a_clone_does(
    device: Path, export_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cells = write_cells(tmp_path / "cells", patients=2, per_class=2)
    (cells / "telephone.heic").write_bytes(b"\0\0\0\x18ftypheic")
    main([str(cells), "--model", str(export_folder)])
    expected = capsys.readouterr().out
    labelled = run(device / "bin/smearflow-edge", cells, "--model", export_folder, folder=tmp_path)
    assert labelled.returncode == 0, labelled.stderr
    rows = [line for line in expected.splitlines() if "telephone" not in line]
    assert labelled.stdout.splitlines() == rows
    warnings = [line for line in labelled.stderr.splitlines() if line.startswith("warning")]
    assert len(warnings) == 1
    assert "pillow-heif" in warnings[0]


def test_a_device_has_nothing_else(device: Path, tmp_path: Path) -> None:
    for name in ("pandas", "pydantic", "tensorflow", "pillow_heif", "scipy"):
        asked = run(device / "bin/python", "-c", f"import {name}", folder=tmp_path)
        assert "ModuleNotFoundError" in asked.stderr
