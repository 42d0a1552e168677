"""A real Prefect server for all tests of the flows, and toy projects."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_HOME, temporary_settings

from flows.server import connection, running_server
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
