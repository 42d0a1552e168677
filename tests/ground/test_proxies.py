"""No request to this machine goes over a proxy; every other one does, as before."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.proxy import get_proxy
from websockets.uri import parse_uri

from smearflow.ground.errors import SmearflowError
from smearflow.ground.proxies import LOOPBACK, check_proxies, loopback_exempted
from tests.material import PROJECT
from tests.proxy import Proxy, recording_proxy

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
OUTSIDE = "http://cells.example.org/cells.zip"
hosts = st.lists(st.from_regex(r"[a-z]{1,5}(\.[a-z]{1,5}){0,2}", fullmatch=True), max_size=3)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with recording_proxy(b"cells") as running:
        yield running


def exempt_loopback(patched: pytest.MonkeyPatch) -> None:
    for name, value in loopback_exempted(os.environ).items():
        patched.setenv(name, value)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"])
@pytest.mark.parametrize(
    "exempt",
    [{}, {"NO_PROXY": "lab.org"}, {"no_proxy": "lab.org,[::1]"}, {"NO_PROXY": "", "no_proxy": "a"}],
    ids=str,
)
def test_only_what_goes_elsewhere_goes_over_the_proxy(
    name: str, exempt: dict[str, str], bare: pytest.MonkeyPatch, proxy: Proxy
) -> None:
    for variable, value in ({name: proxy.url} | exempt).items():
        bare.setenv(variable, value)
    exempt_loopback(bare)
    with recording_proxy(b"here") as here:
        for host in ("127.0.0.1", "localhost"):
            address = f"http://{host}:{here.server_port}/"
            assert httpx.get(address).content == b"here"
            with urllib.request.urlopen(address, timeout=30) as answer:
                assert answer.read() == b"here"
            assert get_proxy(parse_uri(address.replace("http", "ws"))) is None
        assert proxy.asked == []
    assert httpx.get(OUTSIDE).content == b"cells"
    assert proxy.asked == [OUTSIDE]


def test_an_exemption_of_everything_stays_one(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    bare.setenv("NO_PROXY", "*")
    exempt_loopback(bare)
    assert urllib.request.proxy_bypass("cells.example.org")
    assert urllib.request.proxy_bypass("127.0.0.1")


def test_without_a_proxy_nothing_is_exempted() -> None:
    assert loopback_exempted({"NO_PROXY": "lab.org", "HTTP_PROXY": ""}) == {}


@given(proxy=st.sampled_from(PROXIES), upper=st.none() | hosts, lower=st.none() | hosts)
def test_what_was_exempt_stays_so(
    proxy: str, upper: list[str] | None, lower: list[str] | None
) -> None:
    given_ = {"NO_PROXY": upper, "no_proxy": lower}
    before = {name: ",".join(found) for name, found in given_.items() if found is not None}
    after = loopback_exempted(before | {proxy: "http://proxy:3128"})
    for name, other in (("NO_PROXY", "no_proxy"), ("no_proxy", "NO_PROXY")):
        kept = before.get(name, before.get(other, ""))
        assert {*after[name].split(",")} == {*filter(None, kept.split(",")), *LOOPBACK}
    assert loopback_exempted(after | {proxy: "http://proxy:3128"}) == after


def test_whoever_imports_the_package_and_its_children_are_exempt(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("https_proxy", "http://127.0.0.1:9")
    show = "import os; print(os.environ['NO_PROXY'], os.environ['no_proxy'])"
    child = f"import smearflow, subprocess, sys; subprocess.run([sys.executable, '-c', {show!r}])"
    run = subprocess.run(
        [sys.executable, "-c", child], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [",".join(LOOPBACK)] * 2


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:9", "garbage://proxy", "http://[::1"])
def test_a_proxy_that_nothing_can_use_is_one_line(value: str, bare: pytest.MonkeyPatch) -> None:
    bare.setenv("all_proxy", value)
    with pytest.raises(SmearflowError, match=r"^[^\n]*all_proxy[^\n]*; name an HTTP proxy[^\n]*$"):
        check_proxies()


def test_proxies_of_the_usual_kinds_are_taken(bare: pytest.MonkeyPatch) -> None:
    bare.setenv("HTTP_PROXY", "proxy.hospital.org:3128")
    bare.setenv("HTTPS_PROXY", "http://user:word@proxy:3128")
    check_proxies()
