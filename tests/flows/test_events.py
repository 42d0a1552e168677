"""Events and notices: kept until somebody has them, with real HTTP receivers and a real Prefect."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from prefect.blocks.notifications import CustomWebhookNotificationBlock

from flows.events import DRIFT_EVENT, READY_EVENT, deliver, event_resource, raise_event
from flows.notify import notify


class Receiver:
    """A server on this machine that keeps what it is sent, and answers with a status."""

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status < 300:
                    receiver.bodies.append(json.loads(body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.end()


def test_an_event_waits_until_a_server_has_taken_it(
    tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        raise_event(tmp_path, DRIFT_EVENT, "toy", {"number": number})
    assert deliver(tmp_path, None) == 3
    assert "events that wait to be sent: 3, as no Prefect server" in capsys.readouterr().out
    receiver.status = 500
    assert deliver(tmp_path, receiver.url) == 3
    assert "500" in capsys.readouterr().out
    receiver.status = 204
    assert deliver(tmp_path, receiver.url) == 0
    assert [event["payload"]["number"] for (event,) in receiver.bodies] == [0, 1, 2]
    assert deliver(tmp_path, receiver.url) == 0
    assert len(receiver.bodies) == 3
    assert "wait" not in capsys.readouterr().out


def test_a_server_that_is_gone_loses_nothing(tmp_path: Path) -> None:
    gone = Receiver()
    gone.end()
    raise_event(tmp_path, DRIFT_EVENT, "toy", {})
    assert deliver(tmp_path, gone.url) == 1


def test_prefect_takes_an_event_and_knows_whom_it_concerns(
    tmp_path: Path, prefect_api: str
) -> None:
    raise_event(tmp_path, READY_EVENT, "of-events", {"profile": "of-events"})
    assert deliver(tmp_path, prefect_api) == 0
    wanted = {"resource": {"id": [event_resource("of-events")]}}
    for _ in range(200):  # it is put into the database in the background
        answer = httpx.post(f"{prefect_api}/api/events/filter", json={"filter": wanted}).json()
        if answer["events"]:
            break
        threading.Event().wait(0.1)
    (event,) = answer["events"]
    assert (event["event"], event["payload"]) == (READY_EVENT, {"profile": "of-events"})


def test_a_webhook_is_told_and_one_that_fails_stops_nobody(
    prefect_api: str, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    del prefect_api
    CustomWebhookNotificationBlock(
        name="laboratory", url=receiver.url, json_data={"text": "{{subject}}: {{body}}"}
    ).save("laboratory", overwrite=True)
    notify(["custom-webhook/nobody", "custom-webhook/laboratory"], "toy", "20 patients drift")
    assert receiver.bodies == [{"text": "toy: 20 patients drift"}]
    (warning,) = capsys.readouterr().out.splitlines()
    assert warning.startswith("warning: nobody was told by custom-webhook/nobody (")
