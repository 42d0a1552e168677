"""The Prefect server of this project: on this machine only, its state in `.prefect/`.

A server is started by the first who needs it, shared by all who need it at the same time, and
ends after the last of them, however they ended.
"""

import contextlib
import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from flows import PROJECT
from flows.events import deliver
from flows.processes import start_guarded, tool_environment
from flows.sending import wait_until_sent
from smearflow.ground.errors import SmearflowError, as_smearflow, first_line
from smearflow.ground.files import write_json
from smearflow.ground.proxies import check_proxies

HOST = "127.0.0.1"
START_SECONDS = 180.0  # a new database on a busy machine takes a minute
SEND_SECONDS = 20.0
_STATE = "server.json"
_HEALTH = "/api/health"
# requests to this machine never take the detour over a proxy
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def port_number(text: str) -> int:
    """A port as PORT names it.

    Raises:
        SmearflowError: it is none.
    """
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise SmearflowError(f"PORT={text} is no port", "name a number, as PORT=4300")
    return int(text)


@contextlib.contextmanager
def running_server(project: Path, port: int | None = None) -> Iterator[str]:
    """A healthy server of the project: the one that runs, or else a new one.

    Args:
        port: of a new server; any free one when None.

    Yields:
        Its address, as in http://127.0.0.1:4200.

    Raises:
        SmearflowError: the port is taken, or no server became ready; names the log.
    """
    home = project / ".prefect"
    home.mkdir(exist_ok=True)
    with (home / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits for a server that is just ending
        with _waited_for(home / "start.lock"):
            url = _healthy_server(home) or _start(home, port)
        yield url


@contextlib.contextmanager
def connected(project: Path) -> Iterator[None]:
    """Prefect in this process talks to the project's server.

    Where none can be started, flows run with one whose state is thrown away.
    """
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(running_server(project))
        except (SmearflowError, OSError) as error:
            reason = as_smearflow(error, project)
            print(
                f"warning: no Prefect server ({reason}): `make ui` will not show this run",
                flush=True,
            )
            folder = stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True))
            url = stack.enter_context(running_server(Path(folder)))
        else:
            deliver(project, url)
        stack.enter_context(connection(url))
        yield


@contextlib.contextmanager
def connection(url: str) -> Iterator[None]:
    """Prefect in this process talks to the server there; at the end everything has been sent.

    Raises:
        SmearflowError: the server failed meanwhile. Downloads are the stages': nobody else is
            asked over HTTP here.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with temporary_settings({PREFECT_API_URL: f"{url}/api"}):
        try:
            yield
        except httpx.HTTPError as error:
            raise SmearflowError(
                f"the Prefect server failed during the run: {first_line(error)}",
                "run the same command again: finished stages are kept",
            ) from error
        finally:
            wait_until_sent(SEND_SECONDS)


def address(project: Path) -> str | None:
    """Of the project's server; None where none runs."""
    return _healthy_server(project / ".prefect")


def is_healthy(url: str) -> bool:
    """Whether a Prefect server answers there."""
    return answers(f"{url}{_HEALTH}")


def answers(url: str) -> bool:
    """Whether a server of this machine answers with what is asked for."""
    try:
        with _direct.open(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def check_port(port: int) -> None:
    """Check that nobody else has a port.

    Raises:
        SmearflowError: somebody has, or it may not be used.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            taken = "taken by another program" if error.errno == errno.EADDRINUSE else "not allowed"
            raise SmearflowError(
                f"port {port} is {taken}", "choose another, as PORT=4300"
            ) from error


@contextlib.contextmanager
def _waited_for(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _healthy_server(home: Path) -> str | None:
    """The address in the state file, where the server that wrote it still answers."""
    try:
        state = json.loads((home / _STATE).read_text())
        os.kill(state["pid"], 0)
    except (OSError, ValueError):
        return None
    return state["url"] if is_healthy(state["url"]) else None


def _start(home: Path, port: int | None) -> str:
    (home / _STATE).unlink(missing_ok=True)
    port = port or _free_port()
    url = f"http://{HOST}:{port}"
    check_port(port)
    with (home / "server.log").open("wb") as log:
        server = start_guarded(
            [
                sys.executable,
                "-m",
                "prefect",
                "server",
                "start",
                "--host",
                HOST,
                "--port",
                f"{port}",
            ],
            cwd=home,
            environment=_server_environment(home, url),
            output=log,
            needed_while_locked=home / "users.lock",
        )
    wait_until_answered(server, f"{url}{_HEALTH}", "the Prefect server", home / "server.log")
    write_json(home / _STATE, {"pid": server.pid, "url": url})
    return url


def _server_environment(home: Path, url: str) -> dict[str, str]:
    return tool_environment() | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"{url}/api",
        "PREFECT_UI_API_URL": f"{url}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",
        "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_until_answered(server: "subprocess.Popen[bytes]", url: str, name: str, log: Path) -> None:
    """Wait until a server that has been started answers.

    Args:
        url: what it is asked for.
        name: what it is called.
        log: what it writes.

    Raises:
        SmearflowError: it ended, or does not answer in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.2)
        if server.returncode is not None or time.monotonic() > deadline:
            raise SmearflowError(f"{name} did not become ready", f"read {log}")


def serve_ui(port: str) -> None:
    """Hold a server until Ctrl-C.

    Raises:
        SmearflowError: the port is none or is taken, or no server became ready.
    """
    check_proxies()
    hold("Prefect UI", running_server(PROJECT, port_number(port)))


def hold(name: str, server: AbstractContextManager[str]) -> None:
    """Say where a server is, and hold it until Ctrl-C or SIGTERM.

    Args:
        name: what it is called.
        server: gives its address.
    """
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with server as url:
        print(f"{name}: {url} (Ctrl-C ends it)", flush=True)
        ended.wait()
