"""Fixtures of all tests.

Tests on real cells read SMEARFLOW_REAL_DATA, a folder that holds `data/nih/cell_images`,
`data/other_site` and `hub/mobilenet_v3_small_100_224_feature_vector`; they are skipped without it.
"""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings
from prefect.logging.configuration import setup_logging

from tests.material import write_cells, write_hub_module

TESTS = Path(__file__).parent

# Prefect's set-up of logging closes the handlers that are there, and TensorFlow's closes its stream
# with it, which here is pytest's: so Prefect comes first.
setup_logging()

settings.register_profile("any machine", deadline=None)  # how fast an example is, is no test
settings.load_profile("any machine")


# Folders whose tests start programs, train networks or judge with them: that takes seconds.
HEAVY = {
    "bad_input",
    "benchmarks",
    "conversion",
    "edge",
    "end_to_end",
    "engine",
    "flows",
    "model",
    "monitoring",
    "pretraining",
    "search",
    "stages",
    "studies",
    "windows",
}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Heavy folders are not even read where no heavy test is wanted: that takes seconds, too."""
    unwanted = "not heavy" in config.option.markexpr and collection_path.parent == TESTS
    return True if unwanted and collection_path.name in HEAVY else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of heavy folders; heavy ones come first, so that nothing waits for them."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in HEAVY:
            item.add_marker("heavy")
    items.sort(key=lambda item: item.get_closest_marker("heavy") is None)


def pytest_collection_finish() -> None:
    """What was imported stays: collecting garbage, as each training does, need not look at it."""
    gc.freeze()


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
