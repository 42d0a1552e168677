"""Newly labelled cells, kept for retraining in data/labelled/<profile>/<number>-<hash>/.

A folder that somebody names may change or vanish; what a model was trained on may not. The copy
under the name of its content stays what it was, however often the same cells are handed in. The
number says in which order: where cells have another label than before, the later one is right. DVC
tracks the cells from ingest on, like those of every source.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smearflow.cells.files import labelled_files
from smearflow.cells.manifest import describe_all, identify, remarks, tabulate
from smearflow.cells.relations import with_relations
from smearflow.checks import require
from smearflow.gate import check_images
from smearflow.gate.page import PAGE
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder
from smearflow.intake.layout import labelled_folder
from smearflow.intake.sources import source_fingerprint
from smearflow.params.ingest import Source
from smearflow.release.card import Card

EXAMPLES = 50  # files shown per expectation that fails


def keep_labelled(store: Path, cells: Path, classes: tuple[str, str]) -> Path:
    """Copy the cells of a labelled folder into a store; the same cells are there once.

    Returns:
        The copy: `<store>/<number, from 0001>-<first 12 digits of the hash>`.

    Raises:
        SmearflowError: it is no folder with a subfolder per class.
    """
    source = existing_labelled(cells, classes)
    new = store / ".new"
    shutil.rmtree(new, ignore_errors=True)
    for file in labelled_files(source):
        target = new / file.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    # hashed after copying: the name fits the copy even when somebody was still adding cells
    name, earlier = source_fingerprint(new)[:12], _kept(store)
    for folder in earlier:
        if folder.name.endswith(f"-{name}"):
            shutil.rmtree(new)
            return folder
    number = int(earlier[-1].name.partition("-")[0]) + 1 if earlier else 1
    kept = store / f"{number:04d}-{name}"
    place_folder(new, kept)
    return kept


def _kept(store: Path) -> list[Path]:
    """What was handed in, in that order."""
    return sorted(store.glob("[0-9][0-9][0-9][0-9]-*"))


def existing_labelled(cells: Path, classes: tuple[str, str]) -> Path:
    """The folder of the class folders in what CELLS names.

    Raises:
        SmearflowError: it is no folder, or none with a subfolder per class.
    """
    if not cells.is_dir():
        raise SmearflowError(f"CELLS={cells} is no folder", "name a folder of labelled cells")
    return labelled_folder(cells, classes, option="CELLS")


def judge_labelled(cells: Path, card: Card, suite: Path, folder: Path) -> None:
    """Check newly labelled cells against their suite before they are kept.

    Args:
        card: of the model that they are to challenge.
        folder: for the page of the files that fail; what was there is replaced.

    Raises:
        SmearflowError: a critical expectation fails, or it is no folder of labelled cells.
    """
    place = existing_labelled(cells, card.classes)

    def read(path: str) -> bytes:
        return (place / path).read_bytes()

    paths = [file.relative_to(place).as_posix() for file in labelled_files(place)]
    facts = describe_all(read, paths, card.bits[0])
    table = tabulate(
        identify("labelled", path.split("/")[0], path, card.patient_patterns[0]) | fact
        for path, fact in zip(paths, facts, strict=True)
    )
    for remark in remarks(table):
        print(f"warning: {cells}: {remark}; see docs/images.md", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    result, _ = check_images(
        with_relations(table, card.classes[1]),
        suite,
        folder,
        "Newly labelled cells that do not meet expectations",
        read,
        EXAMPLES,
        {"classes": list(card.classes)},
    )
    require(result, f"{cells}", folder / PAGE)


def new_sources(store: Path, known: Sequence[Source]) -> dict[Path, dict[str, Any]]:
    """Entries for `ingest.sources`, by their folders: the kept cells that no known source holds.

    Names of patients and the bits of samples are read as in the first known source; rendered cells
    have NIH's names.
    """
    names = {source.name for source in known}
    return {
        folder: {
            "name": f"labelled-{folder.name}",
            "kind": "folder" if known[0].kind == "folder" else "nih",
            "location": None,
            "sha256": source_fingerprint(folder),
            "bytes": None,
            "patient_pattern": known[0].patient_pattern,
            "corrects": True,
            "bits": known[0].bits,
        }
        for folder in _kept(store)
        if f"labelled-{folder.name}" not in names
    }
