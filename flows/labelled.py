"""Newly labelled cells, kept for retraining in data/labelled/<profile>/<number>-<hash>/.

A folder that somebody names may change or vanish; what a model was trained on may not. The copy
under the name of its content stays what it was, however often the same cells are handed in. The
number says in which order: where cells have another label than before, the later one is right. DVC
tracks the cells from ingest on, like those of every source.
"""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smearflow.cells.checks import require
from smearflow.cells.files import labelled_files
from smearflow.cells.layout import labelled_folder
from smearflow.cells.manifest import describe_all, identify, remarks, tabulate
from smearflow.cells.relations import with_relations
from smearflow.cells.sources import source_fingerprint
from smearflow.errors import SmearflowError
from smearflow.gate import judge
from smearflow.params import Params, Source
from smearflow.report.offenders import PAGE


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
    return new.rename(store / f"{number:04d}-{name}")


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


def judge_labelled(cells: Path, params: Params, suite: Path, folder: Path) -> None:
    """Check newly labelled cells against their suite before they are kept.

    Args:
        params: of the model that they are to challenge.
        folder: for the page of the files that fail; what was there is replaced.

    Raises:
        SmearflowError: a critical expectation fails, or it is no folder of labelled cells.
    """
    place = existing_labelled(cells, params.problem.classes)
    known = params.ingest.sources[0]

    def read(path: str) -> bytes:
        return (place / path).read_bytes()

    paths = [file.relative_to(place).as_posix() for file in labelled_files(place)]
    facts = describe_all(read, paths, known.bits)
    table = tabulate(
        identify("labelled", path.split("/")[0], path, known.patient_pattern) | fact
        for path, fact in zip(paths, facts, strict=True)
    )
    for remark in remarks(table):
        print(f"warning: {cells}: {remark}; see docs/images.md", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    result, _ = judge(
        with_relations(table, params.problem.positive),
        suite,
        folder,
        "Newly labelled cells that do not meet expectations",
        read,
        params.validate_.examples,
        {"classes": list(params.problem.classes)},
    )
    require(result, f"{cells}", folder / PAGE)


def new_sources(store: Path, known: Sequence[Source]) -> list[dict[str, Any]]:
    """Entries for `ingest.sources`: the kept cells that the known sources do not hold.

    Names of patients and the bits of samples are read as in the first known source; rendered cells
    have NIH's names.
    """
    hashes = {source.sha256 for source in known}
    entries = []
    for folder in _kept(store):
        sha256 = source_fingerprint(folder)
        if sha256 not in hashes:
            entries.append(
                {
                    "name": f"labelled-{folder.name}",
                    "kind": "folder" if known[0].kind == "folder" else "nih",
                    "location": str(folder),
                    "sha256": sha256,
                    "bytes": None,
                    "patient_pattern": known[0].patient_pattern,
                    "corrects": True,
                    "bits": known[0].bits,
                }
            )
    return entries


def appended(params: Params, entries: Sequence[Mapping[str, Any]]) -> list[tuple[str, Any]]:
    """The settings that append sources."""
    first = len(params.ingest.sources)
    return [
        (f"ingest.sources.{number}", dict(entry)) for number, entry in enumerate(entries, first)
    ]
