"""Decisions about models, kept on disk: looks at test sets, champions, their history.

    <root>/looks.jsonl                      each look at a test set
    <root>/<profile>/champion.json          the model in use, those before it, the last decision
    <root>/<profile>/history.jsonl          promotions and rollbacks
    <root>/<profile>/models/<model id>/     card.json, and what it is about, of every promoted model

`champion.json` decides; it is replaced as a whole, after everything it names is in place. A kill
at any moment leaves the old champion or the new one.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import (
    append_json_line,
    place_folder,
    read_json_lines,
    tree_sha256,
    write_json,
)
from smearflow.records.figures import Figures, Look
from smearflow.release.card import FILE as CARD
from smearflow.release.card import Card, read_card

PARTS = ("export", "baseline", "evaluate")
SUITE = "incoming.json"
SETTINGS = ("params.yaml", "dvc.lock")


class _State(TypedDict, total=False):
    """The content of champion.json.

    Attributes:
        champions: model_id, reason and promoted_at of each, the one in use last.
        decision: event, model_id, when and reason of the last one.
    """

    champions: list[dict[str, str]]
    decision: dict[str, str]


@dataclass(frozen=True)
class Champion:
    """A promoted model.

    Attributes:
        model_id: hash of its files.
        folder: holds card.json, export/, baseline/, evaluate/, the suite of windows, and the run's
            settings for people.
        reason: for the promotion.
        promoted_at: ISO 8601.
    """

    model_id: str
    folder: Path
    reason: str
    promoted_at: str

    @property
    def export(self) -> Path:
        """The folder of the edge model."""
        return self.folder / "export"

    @property
    def baseline(self) -> Path:
        """The folder of its baseline."""
        return self.folder / "baseline"

    @property
    def card(self) -> Card:
        """What is needed to use it.

        Raises:
            SmearflowError: its files are missing, damaged, or of a later version.
        """
        return read_card(self.folder)

    @property
    def look(self) -> Look:
        """The one that its own run took."""
        return Look.of(self.folder / "evaluate" / Figures.NAME)


class Registry:
    """The decisions under one folder; safe with several processes at once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def note_look(self, test_sha256: str, model_sha256: str, when: datetime, **details: Any) -> int:
        """Append a look at a test set, and tell which one it was.

        The same model on the same test set again is the same look: nothing new was learnt.

        Args:
            details: further JSON values for the record.

        Returns:
            1 for the first model on this test set, 2 for the second, ...
        """
        file = self.root / "looks.jsonl"
        with _locked(self.root):
            seen = [
                look["model_sha256"]
                for look in read_json_lines(file)
                if look["test_sha256"] == test_sha256
            ]
            if model_sha256 in seen:
                return seen.index(model_sha256) + 1
            record = {
                "test_sha256": test_sha256,
                "model_sha256": model_sha256,
                "when": when.isoformat(),
            }
            append_json_line(file, details | record)
            return len(seen) + 1

    def champion(self, profile: str) -> Champion | None:
        """The model in use, or None before the first promotion."""
        records = self._records(profile)
        return self._champion(profile, records[-1]) if records else None

    def promote(
        self, profile: str, run_root: Path, reason: str, when: datetime, code: str | None = None
    ) -> Champion:
        """Make the model in outputs/ of a run the champion; its files are copied.

        Promoting the champion again changes nothing.

        Args:
            code: git revision of the code that trained it.

        Raises:
            SmearflowError: the run lacks a part.
        """
        files = _files_of(run_root)
        with _locked(self.root / profile):
            records = self._records(profile)
            model_id = tree_sha256(run_root, files)[:16]
            if not records or records[-1]["model_id"] != model_id:
                self._copy(profile, model_id, run_root, files, code)
                record = {
                    "model_id": model_id,
                    "reason": reason,
                    "promoted_at": when.isoformat(),
                }
                records = [*records, record]
                self._decide(profile, records, "promoted", when, reason)
            return self._champion(profile, records[-1])

    def rollback(self, profile: str, reason: str, when: datetime) -> Champion:
        """Make the champion before this one the champion again.

        Raises:
            SmearflowError: there is none before it.
        """
        with _locked(self.root / profile):
            records = self._records(profile)
            if len(records) < 2:
                raise SmearflowError(
                    f"{profile} has no earlier champion", "promote another model first"
                )
            records = records[:-1]
            self._decide(profile, records, "rolled back", when, reason)
            return self._champion(profile, records[-1])

    def history(self, profile: str) -> list[dict[str, str]]:
        """Promotions and rollbacks, oldest first."""
        noted = read_json_lines(self.root / profile / "history.jsonl")
        last = self._state(profile).get("decision")
        if last is None or noted[-1:] == [last]:
            return noted
        return [*noted, last]  # a kill came between the decision and its line

    def _state(self, profile: str) -> _State:
        """The content of champion.json."""
        file = self.root / profile / "champion.json"
        state: _State = json.loads(file.read_text()) if file.exists() else {}
        return state

    def _records(self, profile: str) -> list[dict[str, str]]:
        return self._state(profile).get("champions", [])

    def _champion(self, profile: str, record: Mapping[str, str]) -> Champion:
        folder = self._folder(profile, record["model_id"])
        return Champion(record["model_id"], folder, record["reason"], record["promoted_at"])

    def _folder(self, profile: str, model_id: str) -> Path:
        return self.root / profile / "models" / model_id

    def _copy(
        self, profile: str, model_id: str, run_root: Path, files: list[Path], code: str | None
    ) -> None:
        final = self._folder(profile, model_id)
        if final.exists():  # promoted before; a folder under its final name is whole
            return
        new = final.with_name(f".{model_id}.new")
        shutil.rmtree(new, ignore_errors=True)  # of an interrupted promotion
        for file in files:
            path = file.relative_to(run_root)
            target = new.joinpath(*path.parts[1:] if path.parts[0] == "outputs" else path.parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        shutil.copyfile(run_root / "expectations" / SUITE, new / SUITE)
        write_json(new / CARD, Card.of_run(run_root, SUITE, code).model_dump(mode="json"))
        place_folder(new, final)

    def _decide(
        self,
        profile: str,
        records: list[dict[str, str]],
        event: str,
        when: datetime,
        reason: str,
    ) -> None:
        decision = {
            "event": event,
            "model_id": records[-1]["model_id"],
            "when": when.isoformat(),
            "reason": reason,
        }
        self._note_last(profile)
        state: _State = {"champions": records, "decision": decision}
        write_json(self.root / profile / "champion.json", state)
        self._note_last(profile)

    def _note_last(self, profile: str) -> None:
        """Append the last decision to the history, unless it is there."""
        file = self.root / profile / "history.jsonl"
        for decision in self.history(profile)[len(read_json_lines(file)) :]:
            append_json_line(file, decision)


def _files_of(run_root: Path) -> list[Path]:
    for part in PARTS:
        if not (run_root / "outputs" / part).is_dir():
            raise SmearflowError(
                f"{run_root} has no outputs/{part}",
                "finish that run first: dvc repro in its folder",
            )
    settings = [run_root / name for name in SETTINGS if (run_root / name).is_file()]
    folders = [(run_root / "outputs" / part).rglob("*") for part in PARTS]
    return [*(file for folder in folders for file in folder if file.is_file()), *settings]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Only one process at a time; the lock goes with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
