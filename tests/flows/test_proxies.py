"""Behind a proxy: the flows, their server and its websockets keep to this machine."""

from pathlib import Path

import pytest

from smearflow.ground.proxies import LOOPBACK
from tests.bad_input.cases import BAD_PROXY
from tests.flows.toy import python, write_toy
from tests.proxy import recording_proxy

TRAINING = ("-m", "flows.program", "run", "--profile", "toy", "--data")


def test_a_run_asks_the_proxy_of_the_environment_for_nothing(
    tmp_path: Path, cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = write_toy(tmp_path)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with recording_proxy() as proxy:
        for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        ended = python(project, *TRAINING, str(cells))
        assert proxy.asked == []
    assert ended.returncode == 0, ended.stdout
    assert "warning" not in ended.stdout


def test_a_proxy_that_cannot_be_used_is_named(
    served_toy: tuple[Path, str], cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, _ = served_toy
    for name in ("HTTP_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", ",".join(LOOPBACK))
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy:1080")
    ended = python(project, *TRAINING, str(cells))
    assert ended.returncode == 1
    assert tuple(ended.stdout.splitlines()) == BAD_PROXY.messages
