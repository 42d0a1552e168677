"""One undisturbed run of the whole pipeline, for all tests of it."""

from pathlib import Path

import pytest

from tests.commands import dvc
from tests.end_to_end.clones import new_clone
from tests.material import short_params, write_cells


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, cells: Path, hub_module: Path) -> Path:
    """A clone after `dvc repro`, with a window of shifted cells; read only."""
    root = new_clone(tmp_path_factory.mktemp("first"), short_params(cells, hub_module))
    write_cells(root / "data/incoming/today", patients=6, first_patient=100, seed=2, stain=2.0)
    dvc(root, "repro")
    return root
