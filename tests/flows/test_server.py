"""A real Prefect server: shared, on this machine only, gone after its last user."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from flows.processes import tool_environment
from flows.server import is_healthy, port_number, running_server
from smearflow.ground.errors import SmearflowError
from tests.flows.toy import FIRST, write_toy


def test_a_second_user_gets_the_same_server(served_toy: tuple[Path, str]) -> None:
    project, url = served_toy
    with running_server(project) as again:
        assert again == url
    assert is_healthy(url)


def test_it_is_private_and_its_state_is_in_the_project(served_toy: tuple[Path, str]) -> None:
    project, url = served_toy
    with urllib.request.urlopen(f"{url}/api/admin/settings", timeout=30) as answer:
        settings = json.load(answer)
    assert settings["home"] == str(project / ".prefect")
    assert settings["server"]["analytics_enabled"] is False
    assert settings["server"]["ui"]["v2_enabled"] is False
    assert (project / ".prefect/prefect.db").exists()
    port = int(url.rpartition(":")[2])
    with socket.socket() as outside, pytest.raises(OSError, match="refused"):
        outside.connect(("127.0.0.2", port))


def test_a_server_in_the_foreground_ends_with_whoever_asked_for_it(tmp_path: Path) -> None:
    project = write_toy(tmp_path, FIRST)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = subprocess.Popen(
        [sys.executable, "-m", "flows.program", "ui", "--port", str(port)],
        cwd=project,
        env=tool_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert user.stdout is not None
    assert user.stdout.readline() == f"Prefect UI: http://127.0.0.1:{port} (Ctrl-C ends it)\n"
    assert is_healthy(f"http://127.0.0.1:{port}")
    user.kill()
    user.communicate()
    deadline = time.monotonic() + 60
    while is_healthy(f"http://127.0.0.1:{port}"):
        assert time.monotonic() < deadline, "the server outlived its user"
        time.sleep(0.1)


def test_a_port_that_is_taken_is_named(taken_port: int, tmp_path: Path) -> None:
    with (
        pytest.raises(SmearflowError, match=f"port {taken_port} is taken.*; choose another, as"),
        running_server(tmp_path, taken_port),
    ):
        pass


@pytest.mark.parametrize("text", ["", "abc", "0", "-1", "65536", "4200.5", "²"])
def test_what_is_no_port_is_told(text: str) -> None:
    with pytest.raises(SmearflowError, match=f"PORT={text} is no port; name a number"):
        port_number(text)


def test_a_port_is_a_number() -> None:
    assert port_number("65535") == 65535
