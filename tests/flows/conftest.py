"""A real Prefect server for all tests of the flows, and toy projects."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_HOME, temporary_settings

from flows.server import connection, running_server
from tests.flows.small import run_small, write_small
from tests.flows.toy import write_toy


@pytest.fixture(scope="session")
def served_toy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A toy project whose Prefect server runs, and that server's address; tests may add to it."""
    project = write_toy(tmp_path_factory.mktemp("served"))
    with running_server(project) as url:
        yield project, url


@pytest.fixture(scope="session")
def prefect_api(served_toy: tuple[Path, str]) -> Iterator[str]:
    """Flows called in this process talk to the session's server; its address."""
    project, url = served_toy
    with temporary_settings({PREFECT_HOME: project / ".prefect"}), connection(url):
        yield url


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that another program has."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(scope="session")
def finished_small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small clone, its run finished and not saved; read only."""
    root = write_small(tmp_path_factory.mktemp("small"))
    run_small(root, 1)
    return root


@pytest.fixture
def small(finished_small: Path, tmp_path: Path) -> Path:
    """A small clone of this test's own, in a folder with a space, its run finished."""
    return Path(shutil.copytree(finished_small, tmp_path / "a clone", symlinks=True))
