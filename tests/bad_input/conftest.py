"""The good project that every case spoils a copy of."""

from pathlib import Path

import pytest

from tests.bad_input.lab import Lab, copied, make_lab, start_forking
from tests.material import PROJECT


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A project whose first stages have run; read only."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(PROJECT))  # tells the forked processes where the code is
        start_forking()
        return make_lab(tmp_path_factory.mktemp("good"))


@pytest.fixture
def lab(good: Lab, tmp_path: Path) -> Lab:
    """A copy of the good project, to be spoilt."""
    return copied(good, tmp_path / "lab")
