"""Options become a request."""

import contextlib
from types import ModuleType

import httpx
import pytest

from flows import cli, training, validation
from flows.settings import Request
from tests.bad_input.cases import SERVER_GONE


def parsed(*words: str) -> Request:
    options = cli.parser("training", "")
    cli.add_request(options)
    options.add_argument("--incoming")
    return cli.request_of(options.parse_args(["--profile", "nih", *words]))


def test_empty_options_ask_for_nothing() -> None:
    assert parsed("--data", "", "--backbone", "", "--incoming", "", "--set", "") == Request()


def test_options_are_taken_as_they_are() -> None:
    request = parsed("--data", "my cells", "--incoming", "new's", "--backbone", "https://a.org/b")
    assert request == Request("my cells", "https://a.org/b", "new's")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=1  b.c=2", ("a=1", "b.c=2")),
        ('a="a cell\'s place"', ("a=a cell's place",)),
        (r"p=(?P<patient>\d+)_# q=1", (r"p=(?P<patient>\d+)_#", "q=1")),
        ("a='[1, 2]' b=\"x y\"", ("a=[1, 2]", "b=x y")),
    ],
)
def test_settings_are_separated_by_spaces(text: str, expected: tuple[str, ...]) -> None:
    assert parsed("--set", text).overrides == expected


@pytest.mark.parametrize("program", [training, validation])
def test_a_quote_without_its_partner_is_one_line(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = ["--profile", "sample", "--set", "problem.question=Is this cell's host ill?"]
    monkeypatch.setattr("sys.argv", ["program", *options])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit, match=r"^error: SET has a quote .* cell's host.*; put that"):
        program.main()


@pytest.mark.parametrize("debug", [False, True])
def test_a_server_that_is_gone_is_one_line(
    debug: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        raise httpx.ConnectError("[Errno 111] Connection refused")

    monkeypatch.setattr(cli, "connected", contextlib.nullcontext)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.run(work, check=lambda: None, debug=debug)
    assert (ended.value.code,) == SERVER_GONE.messages
    assert ("Traceback" in capsys.readouterr().err) is debug
