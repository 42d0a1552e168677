"""A real browser, driven over the Chrome DevTools Protocol."""

import base64
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import connect
from websockets.sync.connection import Connection

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SECONDS = 60  # for one answer, on a busy machine


def browser_program() -> str | None:
    """The browser of this machine; None if there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass
class Looked:
    """What a browser made of a page.

    Attributes:
        value: of the expression asked of the page.
        requests: URLs it asked for, without those that hold their data.
        complaints: exceptions and errors in its console.
    """

    value: Any = None
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


class Browser:
    """One page after the other in one tab."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self._looked = Looked()
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def look(self, page: Path, *, width: int, scheme: str, expression: str) -> Looked:
        """Open a page in a window so many CSS pixels wide, and ask something of it.

        Args:
            scheme: `light` or `dark`, the reader's preference.
            expression: JavaScript, its value is one of JSON.
        """
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        self._call("Emulation.setDeviceMetricsOverride", **size)
        preference = [{"name": "prefers-color-scheme", "value": scheme}]
        self._call("Emulation.setEmulatedMedia", features=preference)
        self._looked = Looked()
        self._call("Page.navigate", url=page.as_uri())
        while self._receive().get("method") != "Page.loadEventFired":
            pass
        self._looked.value = self.ask(expression)
        return self._looked

    def ask(self, expression: str) -> Any:
        """Ask something of the page that is open, as in `look`; a promise is waited for."""
        how = {"returnByValue": True, "awaitPromise": True}
        answer = self._call("Runtime.evaluate", expression=expression, **how)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def point(self, x: float, y: float) -> None:
        """Move the mouse there, in CSS pixels of the window."""
        self._mouse("mouseMoved", x, y)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Press the mouse at a place, let it go at another; a click where they are the same."""
        self._mouse("mousePressed", *start, button="left", buttons=1, clickCount=1)
        if start != end:
            self._mouse("mouseMoved", *end, button="left", buttons=1)
        self._mouse("mouseReleased", *end, button="left", clickCount=1)

    def picture(self) -> bytes:
        """What the window shows, a PNG file."""
        return base64.b64decode(self._call("Page.captureScreenshot")["data"])

    def _mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._connection.send(json.dumps(message))
        while (answer := self._receive()).get("id") != number:
            pass
        result: dict[str, Any] = answer["result"]
        return result

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self._connection.recv(timeout=_SECONDS))
        told = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                url = told["request"]["url"]
                self._looked.requests += [] if url.startswith("data:") else [url]
            case "Runtime.exceptionThrown" | "Log.entryAdded" | "Runtime.consoleAPICalled":
                self._looked.complaints.append(json.dumps(told))
        return message


@contextmanager
def started(program: str, profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile, ended with the block."""
    command = (
        *(program, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
        *(f"--user-data-dir={profile}", "about:blank"),
    )
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = (re.search(r"listening on (ws:\S+)", line) for line in process.stderr)
            address = next(filter(None, found))[1]
            with connect(address, max_size=None, proxy=None) as connection:
                yield Browser(connection)
        finally:
            process.terminate()
