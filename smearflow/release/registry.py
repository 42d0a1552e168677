"""Decisions about models, kept on disk: looks at test sets, champions, their history.

    <root>/looks.jsonl                      each look at a test set
    <root>/<profile>/champion.json          the model in use, those before it, the last decision
    <root>/<profile>/history.jsonl          all decisions
    <root>/<profile>/models/<model id>/     a release: every model that was promoted, or challenged

`champion.json` decides; it is replaced as a whole, after everything it names is in place. A kill
at any moment leaves the old champion or the new one.
"""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypedDict

from pydantic import JsonValue

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import append_json_line, read_json_lines, tree_sha256, write_json
from smearflow.release.folder import Champion, Release, files_of, write_release

Event = Literal["promoted", "rejected", "undecided", "approved", "rolled back"]
_IN_USE = ("promoted", "approved")


class _State(TypedDict, total=False):
    """The content of champion.json.

    Attributes:
        champions: model_id, reason and promoted_at of each, the one in use last.
        decision: the last one, a line of the history.
    """

    champions: list[dict[str, str]]
    decision: dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """A decision about a model.

    Attributes:
        event: promoted, approved: it is in use from now on; rolled back: it is in use again;
            rejected, undecided: the other one stays.
        model_id: what it is about.
        reason: one sentence.
        by: who decided, or whose command had the rule decide.
        when: with a time zone.
        details: figures and revisions it was made by, as JSON.
    """

    event: Event
    model_id: str
    reason: str
    by: str
    when: datetime
    details: Mapping[str, JsonValue] = field(default_factory=dict)

    @property
    def line(self) -> dict[str, Any]:
        """Of the history, but what was in use."""
        own = {
            "event": self.event,
            "model_id": self.model_id,
            "reason": self.reason,
            "by": self.by,
            "when": self.when.isoformat(),
        }
        return dict(self.details) | own


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
        return next(reversed(self.champions(profile)), None)

    def champions(self, profile: str) -> list[Champion]:
        """The model in use last, before it those it took the place of; none rolled back from."""
        return [
            Champion(folder.name, folder, record["reason"], record["promoted_at"])
            for record in self._records(profile)
            for folder in [self._folder(profile, record["model_id"])]
        ]

    def keep(
        self,
        profile: str,
        run_root: Path,
        code: str | None = None,
        add: Callable[[Path], None] = lambda _: None,
    ) -> Release:
        """Make a release of the model in outputs/ of a run; nothing is decided. Files are copied.

        One that is there stays as it is.

        Args:
            code: git revision of the code that trained it.
            add: writes further files into the folder, before its checksums are taken.

        Raises:
            SmearflowError: the run lacks a part.
        """
        files = files_of(run_root)
        with _locked(self.root / profile):
            model_id = tree_sha256(run_root, files)[:16]
            release = self.release(profile, model_id)
            if not release.folder.exists():  # a folder under its final name is whole
                write_release(release.folder, run_root, files, code, add)
            return release

    def release(self, profile: str, model_id: str) -> Release:
        """One that is kept, by its id."""
        return Release(model_id, self._folder(profile, model_id))

    def earlier(self, profile: str, model_id: str | None = None) -> Release:
        """One that was in use before the one that is.

        Args:
            model_id: None: the last one.

        Raises:
            SmearflowError: there is none, or it was never in use.
        """
        before = [each.model_id for each in self.champions(profile)[:-1]]
        once = [each["model_id"] for each in self.history(profile) if each["event"] in _IN_USE]
        wanted = model_id or next(reversed(before), None)
        if wanted is None:
            raise SmearflowError(
                f"{profile} has no earlier champion", "promote another model first"
            )
        champion = self.champion(profile)
        if wanted not in {*before, *once} - {champion.model_id if champion else ""}:
            raise SmearflowError(
                f"{wanted} was in use at no earlier time",
                f"name one of: {', '.join(dict.fromkeys([*before, *once])) or 'none'}",
            )
        return self.release(profile, wanted)

    def decide(self, profile: str, decided: Decided, instead_of: str | None) -> None:
        """Put a decision on record; it counts from now on.

        Args:
            instead_of: id of the model that was in use when it was made.

        Raises:
            SmearflowError: another one is in use by now.
        """
        with _locked(self.root / profile):
            records = self._records(profile)
            in_use = records[-1]["model_id"] if records else None
            if in_use != instead_of:
                raise SmearflowError(
                    f"{in_use} has come into use meanwhile, {decided.model_id} was judged against "
                    f"{instead_of}",
                    "challenge the one in use: make promote RUN=<the run again>",
                )
            self._note_last(profile)
            line = decided.line | {"instead_of": instead_of}
            state: _State = {"champions": _after(records, decided), "decision": line}
            write_json(self.root / profile / "champion.json", state)
            self._note_last(profile)

    def history(self, profile: str) -> list[dict[str, Any]]:
        """All decisions, oldest first."""
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

    def _folder(self, profile: str, model_id: str) -> Path:
        return self.root / profile / "models" / model_id

    def _note_last(self, profile: str) -> None:
        """Append the last decision to the history, unless it is there."""
        file = self.root / profile / "history.jsonl"
        for decision in self.history(profile)[len(read_json_lines(file)) :]:
            append_json_line(file, decision)


def _after(records: list[dict[str, str]], decided: Decided) -> list[dict[str, str]]:
    """The champions once that is decided: a rollback takes away those after the one it names."""
    new = {
        "model_id": decided.model_id,
        "reason": decided.reason,
        "promoted_at": decided.when.isoformat(),
    }
    if decided.event == "rolled back":
        ids = [record["model_id"] for record in records[:-1]]
        if decided.model_id in ids:
            return records[: len(ids) - ids[::-1].index(decided.model_id)]
        return [*records, new]
    return [*records, new] if decided.event in _IN_USE else records


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Only one process at a time; the lock goes with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
