"""A backbone from the network, taken on trust once."""

import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ruamel.yaml import YAML

from flows.backbones import pin_backbone
from flows.editing import with_values
from flows.settings import Request, request_values, settings_text, write_settings
from smearflow.ground.errors import SmearflowError
from smearflow.model.hub import module_hash
from smearflow.params.whole import load_params
from tests.material import PROJECT, write_hub_module


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/module.tar.gz"
        server.shutdown()
        thread.join()


@pytest.fixture
def served(hub_module: Path, tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    with tarfile.open(tmp_path / "served/module.tar.gz", "w:gz") as tar:
        tar.add(hub_module, ".")
    with serving(tmp_path / "served") as url:
        yield url


@pytest.fixture
def project(tmp_path: Path, served: str) -> Path:
    """A project whose profile `nih` names the served module, and takes it on trust."""
    text = with_values((PROJECT / "profiles/nih.yaml").read_text(), [("model.backbone", served)])
    (tmp_path / "project/profiles").mkdir(parents=True)
    (tmp_path / "project/profiles/nih.yaml").write_text(text)
    return tmp_path / "project"


def prepared(project: Path, **asked: Any) -> Path:
    """Where a run works, its settings written."""
    root = project / "runs/nih"
    root.mkdir(parents=True, exist_ok=True)
    write_settings(root / "params.yaml", settings_text(project, "nih"), Request(**asked))
    return root


def pins(project: Path, root: Path) -> tuple[str | None, str | None]:
    files = (project / "profiles/nih.yaml", root / "params.yaml")
    found = [load_params(file).model.backbone_sha256 for file in files]
    return found[0], found[1]


def test_the_first_content_is_pinned_for_good(
    project: Path, hub_module: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin, root = module_hash(hub_module), prepared(project)
    pin_backbone(project, "nih", root)
    assert pins(project, root) == (pin, pin)
    assert pin in capsys.readouterr().out
    assert "# of its files" in (project / "profiles/nih.yaml").read_text()
    (tmp_path / "served/module.tar.gz").unlink()  # nobody asks for it again
    pin_backbone(project, "nih", prepared(project))
    assert pins(project, root) == (pin, pin)
    assert capsys.readouterr().out == ""


def test_what_a_person_names_needs_a_word_of_its_own(
    project: Path, served: str, hub_module: Path
) -> None:
    """The trust of a profile is in the profile's backbone."""
    other = served.replace("module", "./module")
    with pytest.raises(SmearflowError, match="nothing pins"):
        pin_backbone(project, "nih", prepared(project, backbone=other))
    trusted = {"backbone": other, "overrides": ("model.trust_unpinned=true",)}
    root = prepared(project, **trusted)
    pin_backbone(project, "nih", root)
    assert pins(project, root) == (None, module_hash(hub_module))


def test_what_lies_here_or_is_pinned_is_left_alone(project: Path, tmp_path: Path) -> None:
    module = write_hub_module(tmp_path / "a module")
    for asked in (
        {"backbone": str(module)},
        {"overrides": (f"model.backbone_sha256={'1' * 64}",)},
        {"overrides": ("model.backbone=backbones/some",)},
    ):
        root = prepared(project, **asked)
        before = (root / "params.yaml").read_text()
        pin_backbone(project, "nih", root)
        assert (root / "params.yaml").read_text() == before
        assert not (root / "work").exists()
    values = dict(request_values(Request(backbone=str(module)), before))
    assert YAML(typ="safe").load(before)["model"]["trust_unpinned"]
    assert values["model.trust_unpinned"] is False
