"""What a release holds, and that it is checked."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from smearflow.edge.checksums import FILE as CHECKSUMS
from smearflow.ground.errors import SmearflowError
from smearflow.records.split import Split
from smearflow.release.folder import LABELS, Release
from smearflow.release.registry import Registry
from smearflow.release.signature import FILE as SIGNATURE
from smearflow.release.signature import PRIVATE, PUBLIC
from smearflow.report.model_card import MARKDOWN, NO_DEVICE, PAGE, write_card
from tests.records.examples import FIGURES, SPLIT
from tests.release.runs import finished_run

WHEN = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    run = finished_run(tmp_path / "run", "model")
    Split.path(run).parent.mkdir()
    SPLIT.write(Split.path(run).parent)
    return Registry(tmp_path / "registry").keep("nih", run, "abc123", write_card)


def test_a_release_says_what_it_is(release: Release) -> None:
    assert (release.folder / LABELS).read_text() == "Uninfected\nParasitized\n"
    about = release.card.about
    assert about is not None
    assert about.figures["accuracy"].model_dump() == FIGURES.edge["accuracy"].model_dump()
    assert (about.sides["test"].patients, about.licence) == (12, "Apache-2.0")
    for name in (MARKDOWN, PAGE):
        text = (release.folder / name).read_text()
        for told in (NO_DEVICE, "0.950 (0.930–0.970)", "abc123", "Apache-2.0", "480"):
            assert told in text, (name, told)


def test_every_file_is_checked_by_us_and_by_sha256sum(release: Release) -> None:
    release.verify()
    listed = {line[66:] for line in (release.folder / CHECKSUMS).read_text().splitlines()}
    files = {path for path in release.folder.rglob("*") if path.is_file()}
    assert {str(path.relative_to(release.folder)) for path in files} == {*listed, CHECKSUMS}
    check = ["sha256sum", "--quiet", "--strict", "--check", CHECKSUMS]
    subprocess.run(check, cwd=release.folder, check=True)


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def _remove(file: Path) -> None:
    file.unlink()


def _change(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize("harm", [_cut, _remove, _change])
@pytest.mark.parametrize(
    "name", ["export/edge.json", "card.json", "baseline/baseline.json", "params.yaml", MARKDOWN]
)
def test_a_damaged_file_is_named(release: Release, name: str, harm: Callable[[Path], None]) -> None:
    harm(release.folder / name)
    with pytest.raises(SmearflowError, match=f"{name} is missing or not the file"):
        release.verify()


@pytest.mark.parametrize("line", ["", "ab  card.json", f"{'0' * 64}  ../x", f"{'0' * 64}  /etc/x"])
def test_a_damaged_list_is_named(release: Release, line: str) -> None:
    (release.folder / CHECKSUMS).write_text(f"{line}\n")
    with pytest.raises(SmearflowError, match=f"{CHECKSUMS} is damaged"):
        release.verify()


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"
    openssl("genpkey", "-algorithm", "ed25519", "-out", private)
    openssl("pkey", "-in", private, "-pubout", "-out", public)
    return private, public


def test_a_release_is_signed_when_a_key_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[Path, Path]
) -> None:
    private, public = keys
    monkeypatch.setenv(PRIVATE, str(private))
    monkeypatch.setenv(PUBLIC, str(public))
    run, registry = finished_run(tmp_path / "run", "model"), Registry(tmp_path / "registry")
    release = registry.keep("nih", run)
    release.verify()
    signed, listed = release.folder / SIGNATURE, release.folder / CHECKSUMS
    by = ("pkeyutl", "-verify", "-pubin", "-inkey", public)
    openssl(*by, "-rawin", "-in", listed, "-sigfile", signed)
    for harm in (_change, _remove):
        harm(signed)
        with pytest.raises(SmearflowError, match="is not signed by the key"):
            release.verify()


def test_what_is_no_key_is_named(
    release: Release, monkeypatch: pytest.MonkeyPatch, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    with monkeypatch.context() as patched:
        patched.setenv(PUBLIC, str(keys[0]))
        with pytest.raises(SmearflowError, match=f"{PUBLIC}=.*private.pem is no Ed25519 key"):
            release.verify()
    run, registry = finished_run(tmp_path / "run", "other"), Registry(tmp_path / "registry")
    for place in (keys[1], tmp_path / "nowhere.pem"):
        monkeypatch.setenv(PRIVATE, str(place))
        with pytest.raises(SmearflowError, match=f"{PRIVATE}=.* is no Ed25519 key"):
            registry.keep("nih", run)
    monkeypatch.delenv(PRIVATE)
    assert json.loads((registry.keep("nih", run).folder / "card.json").read_text())
