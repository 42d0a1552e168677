import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smearflow.conversion.novelty import usual_embeddings
from smearflow.edge.novelty import FILE, UsualEmbeddings
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256, write_json


def with_novelty(export: Path, folder: Path, pixels: Any, limit: float | None = None) -> float:
    """Copy an export, and tell it what embeddings of these cells are like.

    Args:
        limit: else the largest distance of these cells.
    """
    shutil.copytree(export, folder)
    embeddings = EdgeModel(folder).predict(pixels)[1]
    usual = usual_embeddings(embeddings)
    (folder / FILE).write_bytes(usual.to_bytes())
    limit = float(usual.distances(embeddings).max()) if limit is None else limit
    noted = {"file": FILE, "sha256": file_sha256(folder / FILE), "limit": limit}
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
    assert novelty.why_unlike(embeddings) == [None] * len(pixels)
    far = embeddings.mean(axis=0) + 50 * np.ones_like(embeddings[:1])
    (why,) = novelty.why_unlike(far)
    assert why is not None
    assert why.startswith("unlike the cells learned from: ")
    assert why.endswith(f"at most {limit:.1f}")


def test_an_export_of_an_earlier_version_tells_nothing(export_folder: Path) -> None:
    assert EdgeModel(export_folder).novelty is None


def test_a_file_gives_the_same_distances(tmp_path: Path) -> None:
    embeddings = np.random.default_rng(1).normal(0, 1, (60, 12)).astype(np.float32)
    usual = usual_embeddings(embeddings)
    (tmp_path / FILE).write_bytes(usual.to_bytes())
    read = UsualEmbeddings.read(tmp_path / FILE)
    assert np.array_equal(read.distances(embeddings), usual.distances(embeddings))
    assert usual.to_bytes() == (tmp_path / FILE).read_bytes()


@pytest.mark.parametrize("damage", [lambda file: file.unlink(), lambda file: file.write_bytes(b"")])
def test_a_damaged_file_is_named(
    damage: Any, export_folder: Path, tmp_path: Path, pixels: Any
) -> None:
    with_novelty(export_folder, tmp_path / "export", pixels)
    damage(tmp_path / "export" / FILE)
    with pytest.raises(SmearflowError, match=rf"{FILE} is missing or not the file"):
        EdgeModel(tmp_path / "export")
