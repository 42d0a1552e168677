"""What a validation proposes by the names alone, where ingest has failed."""

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows.understood import tell_understood, tell_what_there_is
from smearflow.ground.errors import SmearflowError
from tests.material import PROJECT

NAMES = [f"sick/P{p}_F{f}_c{c}.png" for p in range(5) for f in range(3) for c in range(4)]


def project(root: Path, place: Path | None, **source: Any) -> Path:
    params = YAML(typ="safe").load(PROJECT / "params.yaml")
    params["ingest"]["sources"][0] |= {"kind": "folder", **source}
    params["locations"] = {"sample": str(place) if place else None}
    with (root / "params.yaml").open("w") as stream:
        YAML().dump(params, stream)
    return root


def folder(at: Path, names: Sequence[str] = NAMES) -> Path:
    for name in names:
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).touch()
    return at


def archive(at: Path) -> Path:
    with zipfile.ZipFile(at, "w") as packed:
        for name in NAMES:
            packed.writestr(name, b"")
    return at


def test_patients_of_a_folder_or_archive_are_guessed(tmp_path: Path) -> None:
    for place in (folder(tmp_path / "cells"), archive(tmp_path / "cells.zip")):
        text = tell_understood(project(tmp_path, place), done=())
        assert "patient_pattern: '" in text
        assert "5 patients" in text


def test_a_page_of_other_cells_does_not_stay(tmp_path: Path) -> None:
    page = tmp_path / "reports/understood/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("of the cells that were validated before")
    tell_understood(project(tmp_path, folder(tmp_path / "cells")), done=())
    assert not page.exists()


def test_what_was_unpacked_of_a_download_counts_too(tmp_path: Path) -> None:
    folder(tmp_path / "work/ingest/0123/units/sample")
    text = tell_understood(project(tmp_path, None, location="https://host/cells.zip"), done=())
    assert "5 patients" in text


def test_nothing_is_proposed_where_it_is_set_or_nothing_is_known(tmp_path: Path) -> None:
    cells = folder(tmp_path / "cells")
    told = {"patient_pattern": "(?P<patient>P[0-9]+)"}
    assert tell_understood(project(tmp_path, cells, **told), done=()) == ""
    assert tell_understood(project(tmp_path, cells, group="file"), done=()) == ""
    assert tell_understood(project(tmp_path, tmp_path / "gone"), done=()) == ""
    (tmp_path / "broken.zip").write_bytes(b"PK")
    assert tell_understood(project(tmp_path, tmp_path / "broken.zip"), done=()) == ""


def test_a_split_by_file_is_proposed_only_where_patients_are_missed(tmp_path: Path) -> None:
    cells = folder(tmp_path / "cells", [f"sick/{number}.png" for number in range(30)])
    root = project(tmp_path, cells)
    missed, other = SmearflowError("no name tells a patient", ""), SmearflowError("no label", "")
    assert "group: file" in tell_understood(root, (), missed)
    assert tell_understood(root, (), other) == ""


def test_what_is_known_anyway_is_not_proposed(tmp_path: Path) -> None:
    names = [f"sick/C{p}P1ThinF_IMG_1_cell_{c}.png" for p in range(1, 5) for c in range(9)]
    assert tell_understood(project(tmp_path, folder(tmp_path / "cells", names)), ()) == ""


def test_whoever_explains_a_failure_causes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_what_there_is(tmp_path, (), SmearflowError("it failed", "mend it"))
    assert capsys.readouterr().out.startswith("warning: ")
