"""Cards of every version there has been are read for ever; the stored ones are never changed."""

import json
from pathlib import Path
from typing import Any

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.release.card import FILE, VERSION, Card, read_card
from tests.release.runs import finished_run

STORED = sorted((Path(__file__).parent / "champions").iterdir())
CLASSES = ("Uninfected", "Parasitized")


@pytest.mark.parametrize("folder", STORED, ids=lambda folder: folder.name)
def test_stored_champions_are_read(folder: Path) -> None:
    card = read_card(folder)
    assert f"version_{card.version}" == folder.name
    assert card.classes == CLASSES
    assert card.threshold == 0.4
    assert card.image_size == 64
    assert card.least_cells == 30
    assert card.patient_patterns == (r"(?P<patient>S[0-9]+)", None)
    assert card.model_sha256 == "ab" * 32


def test_each_version_is_stored() -> None:
    assert [folder.name for folder in STORED] == [f"version_{n}" for n in range(VERSION + 1)]


def test_a_run_tells_its_card(tmp_path: Path) -> None:
    root = finished_run(tmp_path, "model")
    raw = root / "outputs/ingest/raw"
    raw.mkdir(parents=True)
    (raw / "nih.zip").write_bytes(b"cells")
    card = Card.of_run(root, "incoming.json", "abc123")
    assert (card.version, card.classes, card.threshold) == (VERSION, CLASSES, 0.4)
    assert (card.least_cells, card.patient_patterns) == (10, (None,))
    assert list(card.data) == ["nih"]
    assert card.code == "abc123"
    (tmp_path / FILE).write_text(json.dumps(card.model_dump(mode="json") | {"later": "key"}))
    assert read_card(tmp_path) == card


def _write(folder: Path, change: dict[str, Any]) -> None:
    stored = json.loads((STORED[-1] / FILE).read_text())
    (folder / FILE).write_text(json.dumps(stored | change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"version": VERSION + 1}, f"is of version {VERSION + 1}"),
        ({"threshold": "high"}, "threshold: "),
        ({"version": None}, "version: "),
    ],
)
def test_a_card_that_cannot_be_read_is_one_line(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    _write(tmp_path, change)
    with pytest.raises(SmearflowError, match=told) as caught:
        read_card(tmp_path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_damaged_card(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    with pytest.raises(SmearflowError, match="can't be used"):
        read_card(tmp_path)


def test_a_champion_whose_files_are_gone(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="can't be used"):
        read_card(tmp_path / "gone")
