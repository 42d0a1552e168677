"""Fixtures of all tests.

Tests on real cells read SMEARFLOW_REAL_DATA, a folder that holds `data/nih/cell_images`,
`data/other_site` and `hub/mobilenet_v3_small_100_224_feature_vector`; they are skipped without it.
"""

import os
from pathlib import Path

import pytest

from tests.material import write_cells, write_hub_module

TESTS = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process for the tests of a folder that share fixtures, and for those of a file.

    Such folders come first: they take longest, and nothing else should wait for them at the end.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(str(_process_of(item).relative_to(TESTS))))
    items.sort(key=lambda item: _process_of(item).is_file())


def _process_of(item: pytest.Item) -> Path:
    folder = item.path.parent
    return folder if folder != TESTS and (folder / "conftest.py").exists() else item.path


@pytest.fixture(scope="session")
def cells(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 patients with 4 cells of each class, NIH-style names; read only."""
    return write_cells(tmp_path_factory.mktemp("cells"))


@pytest.fixture(scope="session")
def hub_module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small module in TF-Hub's format with 16 features; read only."""
    return write_hub_module(tmp_path_factory.mktemp("hub") / "module")


def _real(part: str) -> Path:
    folder = os.environ.get("SMEARFLOW_REAL_DATA")
    if not folder:
        pytest.skip("SMEARFLOW_REAL_DATA names no folder with real cells")
    return Path(folder) / part


@pytest.fixture(scope="session")
def real_cells() -> Path:
    """NIH cells: Parasitized/ and Uninfected/."""
    return _real("data/nih/cell_images")


@pytest.fixture(scope="session")
def other_site() -> Path:
    """Cells of another laboratory and microscope: Parasitized/ and Uninfected/."""
    return _real("data/other_site")


@pytest.fixture(scope="session")
def real_module() -> Path:
    """MobileNetV3-Small with ImageNet weights in TF-Hub's format."""
    return _real("hub/mobilenet_v3_small_100_224_feature_vector")
