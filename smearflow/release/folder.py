"""A release: the folder that leaves the house, made whole and checked when it is used."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from smearflow.edge.checksums import verify_checksums, write_checksums
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder, write_bytes, write_json
from smearflow.records.figures import Figures, Look
from smearflow.release.card import FILE as CARD
from smearflow.release.card import Card, read_card
from smearflow.release.signature import check_signature, sign

PARTS = ("export", "baseline", "evaluate")
LABELS = "labels.txt"  # names of the classes, a line each, negative first
SUITE = "incoming.json"
SETTINGS = ("params.yaml", "dvc.lock")


@dataclass(frozen=True)
class Release:
    """A model as it leaves the house.

    Attributes:
        model_id: hash of its files.
        folder: holds export/, baseline/, evaluate/, the suite of windows, the run's settings, the
            model card, and the checksums of all; releases of earlier versions have none of these.
    """

    model_id: str
    folder: Path

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

    def verify(self) -> None:
        """Check its files and, if a public key is named, who signed them.

        Raises:
            SmearflowError: a file is missing or damaged, named; or it is not signed.
        """
        verify_checksums(self.folder)
        check_signature(self.folder)


@dataclass(frozen=True)
class Champion(Release):
    """A release that is or was in use.

    Attributes:
        reason: for the promotion.
        promoted_at: ISO 8601.
    """

    reason: str
    promoted_at: str


def write_release(
    final: Path,
    run_root: Path,
    files: Sequence[Path],
    code: str | None,
    add: Callable[[Path], None],
) -> None:
    """Make the release of a run, durably: it is whole, or not there.

    Args:
        final: its folder.
        files: of the run, which are copied.
        code: git revision of the code that trained it.
        add: writes further files into the folder, before its checksums are taken.
    """
    new = final.with_name(f".{final.name}.new")
    shutil.rmtree(new, ignore_errors=True)  # of one that was interrupted
    for file in files:
        path = file.relative_to(run_root)
        target = new.joinpath(*path.parts[1:] if path.parts[0] == "outputs" else path.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    shutil.copyfile(run_root / "expectations" / SUITE, new / SUITE)
    card = Card.of_run(run_root, SUITE, code)
    write_json(new / CARD, card.model_dump(mode="json"))
    write_bytes(new / LABELS, "".join(f"{name}\n" for name in card.classes).encode())
    add(new)
    write_checksums(new)
    sign(new)
    place_folder(new, final)


def files_of(run_root: Path) -> list[Path]:
    """The files of a run that its release holds, and that its id is made of.

    Raises:
        SmearflowError: the run lacks a part.
    """
    for part in PARTS:
        if not (run_root / "outputs" / part).is_dir():
            raise SmearflowError(
                f"{run_root} has no outputs/{part}",
                "finish that run first: dvc repro in its folder",
            )
    settings = [run_root / name for name in SETTINGS if (run_root / name).is_file()]
    folders = [(run_root / "outputs" / part).rglob("*") for part in PARTS]
    return [*(file for folder in folders for file in folder if file.is_file()), *settings]
