import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smearflow.conversion.novelty import usual_embeddings
from smearflow.edge.looks import looks_of
from smearflow.edge.novelty import FILE, Examples, Novelty, write_usual
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, write_json

WIDTH = looks_of(np.zeros((1, 8, 8, 3), np.uint8)).shape[1]
FIRST_LOOK = Examples(((np.eye(WIDTH, 1, dtype=np.float32), np.zeros(1, np.float32)),))


def with_novelty(
    export: Path,
    folder: Path,
    pixels: Any,
    limit: float | None = None,
    most_odds: float | None = None,
) -> float:
    """Copy an export, and tell it what embeddings of these cells are like.

    Args:
        limit: else the largest distance of these cells.
        most_odds: of being no cell, which are the first of an image's looks here.
    """
    shutil.copytree(export, folder)
    embeddings = EdgeModel(folder).predict(pixels)[1]
    usual = usual_embeddings(embeddings)
    write_usual(folder / FILE, usual, FIRST_LOOK)
    limit = float(usual.distances(embeddings).max()) if limit is None else limit
    noted = {"file": FILE, "sha256": file_sha256(folder / FILE), "limit": limit}
    if most_odds is not None:
        noted["most_odds"] = most_odds
    write_json(
        folder / "edge.json", json.loads((folder / "edge.json").read_text()) | {"novelty": noted}
    )
    return limit


def test_an_export_tells_what_is_unlike_a_cell(
    export_folder: Path, tmp_path: Path, pixels: Any
) -> None:
    limit = with_novelty(export_folder, tmp_path / "export", pixels)
    novelty = EdgeModel(tmp_path / "export").novelty
    assert novelty is not None
    assert novelty.limit == limit
    embeddings = EdgeModel(tmp_path / "export").predict(pixels)[1]
    assert novelty.why_unlike(pixels, embeddings) == [None] * len(pixels)
    far = embeddings.mean(axis=0) + 50 * np.ones_like(embeddings[:1])
    (why,) = novelty.why_unlike(pixels[:1], far)
    assert why is not None
    assert why.startswith("unlike the cells learned from: ")
    assert why.endswith(f"at most {limit:.1f}")


def test_an_export_of_an_earlier_version_tells_nothing(export_folder: Path) -> None:
    assert EdgeModel(export_folder).novelty is None


def test_examples_refuse_what_is_near(export_folder: Path, tmp_path: Path, pixels: Any) -> None:
    first = looks_of(pixels)[:, 0]
    most = float(np.median(first))
    with_novelty(export_folder, tmp_path / "export", pixels, most_odds=most)
    model = EdgeModel(tmp_path / "export")
    assert model.novelty is not None
    found = model.novelty.why_unlike(pixels, model.predict(pixels)[1])
    assert [why is not None for why in found] == list(first > most)
    assert {why.partition(":")[0] for why in found if why} == {
        "like several cells, glass or no cell at all"
    }


def test_a_file_gives_the_same_distances_and_odds(tmp_path: Path, pixels: Any) -> None:
    rng = np.random.default_rng(1)
    embeddings = rng.normal(0, 1, (60, 12)).astype(np.float32)
    usual = usual_embeddings(embeddings)
    hidden = (rng.normal(0, 1, (WIDTH, 3)), rng.normal(0, 1, 3))
    examples = Examples((hidden, (rng.normal(0, 1, (3, 1)), np.zeros(1))))
    for name in ("one.npz", "two.npz"):
        write_usual(tmp_path / name, usual, examples)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    noted = {"file": "one.npz", "sha256": file_sha256(tmp_path / "one.npz"), "limit": 1.0}
    read = Novelty.of_export(tmp_path, noted | {"most_odds": 2.0})
    assert read.examples is not None
    assert np.array_equal(read.usual.distances(embeddings), usual.distances(embeddings))
    assert np.array_equal(read.examples.log_odds(pixels), examples.log_odds(pixels))


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_a_damaged_file_is_named(
    damage: Any, export_folder: Path, tmp_path: Path, pixels: Any
) -> None:
    with_novelty(export_folder, tmp_path / "export", pixels)
    damage(tmp_path / "export" / FILE)
    with pytest.raises(SmearflowError, match=rf"{FILE} is missing or not the file"):
        EdgeModel(tmp_path / "export")
