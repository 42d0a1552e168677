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
from tests.release.runs import finished_run, promote, roll_back
from tests.stages.project import tree

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


FAILURES = pytest.mark.parametrize(
    ("error", "lasting"), [(errno.ENOSPC, True), (errno.EIO, False)], ids=["full", "one error"]
)


@pytest.mark.heavy
@FAILURES
def test_a_write_fails(tmp_path: Path, error: int, lasting: bool) -> None:
    old_run, new_run = finished_run(tmp_path / "a", "old"), finished_run(tmp_path / "b", "new")
    at, failed = 0, 0
    while True:
        at += 1
        registry = Registry(tmp_path / f"registry{at}")
        old = promote(registry, "nih", old_run, "the first", WHEN)
        with pytest.MonkeyPatch.context() as patched:
            disk = Disk(patched, at, error, lasting)
            try:
                promote(registry, "nih", new_run, "better", WHEN)
            except OSError:
                failed += 1
        champion = registry.champion("nih")
        assert champion is not None
        expected = "old" if champion == old else "new"
        assert champion.look.model_sha256 == expected
        assert champion.card.classes == ("Uninfected", "Parasitized")
        again = promote(registry, "nih", new_run, "better", WHEN)
        assert again.look.model_sha256 == "new"
        assert [line["event"] for line in registry.history("nih")] == ["promoted", "promoted"]
        if disk.writes < at:  # the promotion needed no more
            break
    assert failed > 20


@FAILURES
def test_a_write_of_a_rollback_fails(tmp_path: Path, error: int, lasting: bool) -> None:
    """The model in use is one of the two, as it was; the same command again completes it."""
    runs = finished_run(tmp_path / "a", "old"), finished_run(tmp_path / "b", "new")
    at, failed = 0, 0
    while True:
        at += 1
        registry = Registry(tmp_path / f"registry{at}")
        old, new = (promote(registry, "nih", run, "tried", WHEN) for run in runs)
        before = tree(old.folder), tree(new.folder)
        with pytest.MonkeyPatch.context() as patched:
            disk = Disk(patched, at, error, lasting)
            try:
                roll_back(registry, "nih", "worse", WHEN)
            except OSError:
                failed += 1
        assert registry.champion("nih") in (old, new)
        assert (tree(old.folder), tree(new.folder)) == before
        if registry.champion("nih") == new:
            roll_back(registry, "nih", "worse", WHEN)
        assert registry.champion("nih") == old
        events = ["promoted", "promoted", "rolled back"]
        assert [line["event"] for line in registry.history("nih")] == events
        if disk.writes < at:
            break
    assert failed > 3


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
    champion = promote(Registry(tmp_path / "registry"), "nih", run, "x", WHEN)
    placed = done.index(("named", champion.model_id))
    decided = done.index(("named", "champion.json"))
    assert placed < decided
    for file in ("card.json", "edge.json", "export", "metrics.json", "SHA256SUMS"):
        assert ("sync", file) in done[:placed]
    assert done[placed + 1] == ("sync", "models")
    assert done[decided - 1] == ("sync", "champion.json.tmp")
    assert done[decided + 1] == ("sync", "nih")
    assert ("sync", "history.jsonl") in done[decided:]
