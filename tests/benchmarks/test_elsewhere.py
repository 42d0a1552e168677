from pathlib import Path

import numpy as np
import pytest

from benchmarks.elsewhere import read_labelled, slides_of
from smearflow.ground.errors import SmearflowError
from tests.monitoring.colour_model import ColourModel


def test_every_slide_has_so_many_cells_but_the_last() -> None:
    counts = np.bincount(slides_of(23, 10))
    assert counts.tolist() == [10, 10, 3]
    assert len(set(slides_of(23, 1))) == 23


def test_folders_are_the_labels(cells: Path, tmp_path: Path) -> None:
    model = ColourModel(cells)
    pixels, targets = read_labelled(model, cells)
    assert len(pixels) == len(targets)
    assert targets.sum() == len(list((cells / "Parasitized").iterdir()))
    (tmp_path / "Parasitized").mkdir()
    with pytest.raises(SmearflowError, match="Uninfected"):
        read_labelled(model, tmp_path)
