"""A promotion on a disk that fails: the champion is the old one or the new one, whole."""

import errno
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smearflow.release.registry import Registry
from tests.release.runs import finished_run

WHEN = datetime(2030, 5, 1, 12, tzinfo=UTC)
WRITES: tuple[tuple[Any, str], ...] = (
    (os, "fsync"),
    (os, "mkdir"),
    (os, "rename"),
    (os, "replace"),
    (shutil, "copyfile"),
    (Path, "write_bytes"),
)


class Disk:
    """Counts writes, and fails at one of them, or at all from it on."""

    def __init__(self, patched: pytest.MonkeyPatch, at: int, error: int, lasting: bool) -> None:
        self.writes = 0
        self._at, self._error, self._lasting = at, error, lasting
        for owner, name in WRITES:
            patched.setattr(owner, name, self._failing(getattr(owner, name)))

    def _failing(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(*arguments: Any, **named: Any) -> Any:
            self.writes += 1
            if self.writes == self._at or (self._lasting and self.writes > self._at):
                raise OSError(self._error, os.strerror(self._error))
            return write(*arguments, **named)

        return attempt


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("error", "lasting"), [(errno.ENOSPC, True), (errno.EIO, False)], ids=["full", "one error"]
)
def test_a_write_fails(tmp_path: Path, error: int, lasting: bool) -> None:
    old_run, new_run = finished_run(tmp_path / "a", "old"), finished_run(tmp_path / "b", "new")
    at, failed = 0, 0
    while True:
        at += 1
        registry = Registry(tmp_path / f"registry{at}")
        old = registry.promote("nih", old_run, "the first", WHEN)
        with pytest.MonkeyPatch.context() as patched:
            disk = Disk(patched, at, error, lasting)
            try:
                registry.promote("nih", new_run, "better", WHEN)
            except OSError:
                failed += 1
        champion = registry.champion("nih")
        assert champion is not None
        expected = "old" if champion == old else "new"
        assert champion.look.model_sha256 == expected
        assert champion.card.classes == ("Uninfected", "Parasitized")
        again = registry.promote("nih", new_run, "better", WHEN)
        assert again.look.model_sha256 == "new"
        assert [line["event"] for line in registry.history("nih")] == ["promoted", "promoted"]
        if disk.writes < at:  # the promotion needed no more
            break
    assert failed > 20


def test_what_is_decided_is_on_the_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def noted_fsync(descriptor: int) -> None:
        done.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        fsync(descriptor)

    def noted(event: str, move: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        def moved(source: Any, target: Any, **_: Any) -> None:
            done.append((event, Path(target).name))
            move(source, target)

        return moved

    run = finished_run(tmp_path / "run", "first")
    for name, new in (
        ("fsync", noted_fsync),
        ("rename", noted("named", rename)),
        ("replace", noted("named", replace)),
    ):
        monkeypatch.setattr(os, name, new)
    champion = Registry(tmp_path / "registry").promote("nih", run, "x", WHEN)
    placed = done.index(("named", champion.model_id))
    decided = done.index(("named", "champion.json"))
    assert placed < decided
    for file in ("card.json", "edge.json", "export", "metrics.json"):
        assert ("sync", file) in done[:placed]
    assert done[placed + 1] == ("sync", "models")
    assert done[decided - 1] == ("sync", "champion.json.tmp")
    assert done[decided + 1] == ("sync", "nih")
    assert ("sync", "history.jsonl") in done[decided:]
