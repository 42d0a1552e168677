"""Newly labelled cells, kept in data/labelled/<profile>/<number>-<hash>/.

A folder that somebody names may change or vanish; what a model was trained on may not. The copy
under the name of its content stays what it was, however often the same cells are handed in. The
number says in which order. DVC tracks the cells from ingest on, like those of every source.
"""

import json
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from smearflow.cells.labels import Labels
from smearflow.cells.manifest import describe_all, identify, remarks, tabulate
from smearflow.cells.naming import Name
from smearflow.cells.relations import with_relations
from smearflow.checks import require
from smearflow.feedback.store import Kept, Store, file_name, grouping, settle, whose
from smearflow.gate import check_images
from smearflow.gate.page import PAGE
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import place_folder, write_json
from smearflow.intake.cutting import Contents
from smearflow.intake.grouping import missing_group
from smearflow.intake.layout import understand
from smearflow.intake.listing import Listed, Listing
from smearflow.intake.notices import notices
from smearflow.intake.sources import source_fingerprint
from smearflow.intake.tables import OWN, own_table
from smearflow.params.feedback import Rule
from smearflow.params.ingest import Source
from smearflow.release.card import Card

EXAMPLES = 50  # files shown per expectation that fails
_GROUP = "group.json"  # beside cells of which no patients are known: what stays together


@dataclass(frozen=True)
class HandIn:
    """Labelled cells that somebody hands in.

    Attributes:
        cells: folder of them, in any layout that `layout.understand` knows.
        pattern: that finds patients in their names; None: as in the model's own cells.
        group: what must stay on one side of the split.
    """

    cells: Path
    pattern: str | None = None
    group: str = "patient"

    def listing(self, card: Card) -> Listing:
        """The cells, by the classes of a model.

        Raises:
            SmearflowError: it is no folder of labelled cells, or nothing tells patients.
        """
        if not self.cells.is_dir():
            raise SmearflowError(
                f"CELLS={self.cells} is no folder", "name a folder of labelled cells"
            )
        source = self._source(card)
        listing = understand(self.cells, source, labels_of(card), "CELLS", key=None)
        if kinds := missing_group(listing, source.group):
            raise SmearflowError(
                f"nothing tells a {source.group} of the cells in {self.cells}, first "
                f"{listing.cells[0].path}",
                "say how their names tell patients, PATTERN='(?P<patient>...)', or what else "
                f"stays together: GROUP={' or '.join(kinds)}",
            )
        return listing

    def _source(self, card: Card) -> Source:
        try:
            return Source.model_validate(
                {
                    "name": "labelled",
                    "kind": "folder",
                    "patient_pattern": self.pattern or card.patient_patterns[0],
                    "group": self.group,
                }
            )
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = "GROUP" if "group" in first["loc"] else "PATTERN"
            raise SmearflowError(
                f"{name}: {first['msg'].removeprefix('Value error, ')}",
                "name a regular expression, as '^(?P<patient>[^_]+)_', or a group: patient, field, "
                "time or file",
            ) from error


def labels_of(card: Card) -> Labels:
    """What the classes of a model are called."""
    return Labels(card.classes, card.labels, {}) if card.labels else Labels.named(card.classes)


def keep_labelled(store: Path, handed_in: HandIn, card: Card) -> Path:
    """Copy labelled cells into a store; the same cells are there once.

    Returns:
        The copy: `<store>/<number, from 0001>-<first 12 digits of the hash>`.

    Raises:
        SmearflowError: as `HandIn.listing`.
    """
    listing, new = handed_in.listing(card), store / ".new"
    shutil.rmtree(new, ignore_errors=True)
    contents = Contents(listing.cells)
    for cell in listing.cells:
        target = new / cell.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(contents.read(cell.path))
    if listing.explicit or handed_in.pattern:
        (new / OWN).write_bytes(own_table(listing.cells))
    if handed_in.group != "patient":
        write_json(new / _GROUP, {"group": handed_in.group})
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


def judge_labelled(handed_in: HandIn, card: Card, suite: Path, folder: Path) -> pd.DataFrame:
    """Check newly labelled cells against their suite before they are kept.

    Args:
        card: of the model that they are to challenge.
        folder: for the page of the files that fail; what was there is replaced.

    Returns:
        Their manifest.

    Raises:
        SmearflowError: a critical expectation fails, or as `HandIn.listing`.
    """
    listing = handed_in.listing(card)
    for notice in notices(listing.facts):
        print(f"{handed_in.cells}: {notice}", flush=True)
    read, paths = Contents(listing.cells).read, [cell.path for cell in listing.cells]
    facts = describe_all(read, paths, card.bits[0])
    table = tabulate(
        identify("labelled", cell.label, cell.path, cell.name) | fact
        for cell, fact in zip(listing.cells, facts, strict=True)
    )
    for remark in remarks(table):
        print(f"warning: {handed_in.cells}: {remark}; see docs/images.md", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    result, _ = check_images(
        with_relations(table, card.classes[1], {"labelled": listing.facts.grouped_by}),
        suite,
        folder,
        "Newly labelled cells that do not meet expectations",
        read,
        EXAMPLES,
        {"classes": list(card.classes)},
    )
    require(result, f"{handed_in.cells}", folder / PAGE)
    return table


def new_sources(
    store: Path, known: Sequence[Source], in_sites: Collection[str] = ()
) -> dict[Path, dict[str, Any]]:
    """Entries for `ingest.sources`, by their folders: the kept cells that no known source holds.

    Names of patients and the bits of samples are read as in the first known source, unless the
    cells brought a table of their own; rendered cells have NIH's names.

    Args:
        in_sites: folders whose cells `site_sources` brings.
    """
    names = {source.name for source in known}
    return {
        folder: _entry(f"labelled-{folder.name}", folder, known[0]) | _brought(folder)
        for folder in _kept(store)
        if f"labelled-{folder.name}" not in names and folder.name not in in_sites
    }


def _entry(name: str, folder: Path, first: Source) -> dict[str, Any]:
    return {
        "name": name,
        "kind": "folder" if first.kind == "folder" else "nih",
        "location": None,
        "sha256": source_fingerprint(folder),
        "bytes": None,
        "patient_pattern": first.patient_pattern,
        "corrects": True,
        "bits": first.bits,
    }


def _brought(folder: Path) -> dict[str, Any]:
    """Settings of kept cells that are not those of the first known source."""
    found = json.loads((folder / _GROUP).read_text()) if (folder / _GROUP).is_file() else {}
    return found | ({"table": [OWN]} if (folder / OWN).is_file() else {})


def site_sources(
    store: Path, feedback: Store, rule: Rule, first: Source, elsewhere: frozenset[str]
) -> dict[Path, dict[str, Any]]:
    """Entries for `ingest.sources`, by their folders: the cells of each site with what counts.

    A site's folder is `<store>/sites/labelled-<site>-<8 digits of the hash>`: other labels or
    further cells are another folder, and what a model was trained on stays.

    Args:
        first: of the model's sources, whose bits of samples hold.
        elsewhere: patients of the model in use.

    Raises:
        SmearflowError: a folder of a hand-in has changed.
    """
    found = {}
    for name, site in feedback.sites.items():
        own = [kept for kept in feedback.cells.values() if kept.site == name]
        labels = {
            kept.seen.cell: settled.label
            for kept in own
            if (settled := settle(feedback.said[kept.seen.cell], rule)).label
        }
        if labels:
            folder = _lay_out(
                store, name, [kept for kept in own if kept.seen.cell in labels], labels
            )
            group = grouping(site, whose(own), elsewhere)
            found[folder] = _entry(folder.name, folder, first) | {"table": [OWN], "group": group}
    return found


def site_of(source: str) -> str | None:
    """The site whose cells a source of `site_sources` holds; None: it is no such source."""
    found = re.fullmatch(r"labelled-(.+)-[0-9a-f]{8}", source)
    return found and found[1]


def _lay_out(store: Path, site: str, cells: Sequence[Kept], labels: Mapping[str, str]) -> Path:
    """A folder of cells, each under the name of its pixels, with a table of what is known."""
    new = store / "sites/.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    listed = []
    for batch, _, seen in cells:
        file = store / batch / seen.path
        if not file.is_file():
            raise SmearflowError(f"{file} is gone", "bring it back: labels were given to it")
        shutil.copyfile(file, new / file_name(seen))
        name = Name(seen.patient, seen.field, seen.time, seen.site)
        listed.append(Listed(file_name(seen), file, labels[seen.cell], name))
    (new / OWN).write_bytes(own_table(sorted(listed, key=lambda cell: cell.path)))
    final = store / "sites" / f"labelled-{site}-{source_fingerprint(new)[:8]}"
    if final.is_dir():
        shutil.rmtree(new)
    else:
        place_folder(new, final)
    return final
