"""Labels that people bring back: taken, checked, added to what was said before; never replaced."""

import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from flows import PROJECT, history
from flows.asking import ask, may_retrain
from flows.decisions import CELLS, cells_at_hand, decisions
from flows.events import READY_EVENT
from flows.git import person
from flows.labelled import HandIn, judge_labelled, keep_labelled
from flows.labels import (
    EVENTS,
    Asked,
    labelled_folder,
    labelling,
    read_store,
    remember_site,
    reports_folder,
    rule_of,
    site_named,
)
from flows.monitoring import champion_of
from flows.votes import KnownCells, Vote, gather_votes
from smearflow.cells.naming import own_id
from smearflow.edge.runtime import EdgeModel
from smearflow.feedback.agreement import agreement
from smearflow.feedback.hand_in import Elsewhere, Taken, check_known, learned, news, receipt
from smearflow.feedback.store import Store
from smearflow.ground.files import append_json_line, write_bytes
from smearflow.ground.settings import load_yaml
from smearflow.images.decode import pixels_of
from smearflow.images.ranges import Settled
from smearflow.intake.cutting import Contents
from smearflow.intake.listing import Listing
from smearflow.params.feedback import Rule
from smearflow.records.feedback import (
    Agreement,
    Contested,
    HandedIn,
    Receipt,
    Said,
    SeenCell,
    SiteNamed,
)
from smearflow.release.folder import Champion
from smearflow.release.policy import LABELS
from smearflow.sides.tables import read_table

CONFLICTS, PAGES = "conflicts.csv", "hand-in"  # in the folder of reports
_STAGED = ".handed-in"


def check(profile: str, asked: Asked) -> None:
    """Look whether there is a model to compare with, and whether it is labelled cells.

    Raises:
        SmearflowError: there is none, or they are not.
    """
    card = champion_of(profile).card
    site = site_named(read_store(labelled_folder(profile)), asked)
    if not asked.place.is_file():
        HandIn(asked.place, site.pattern, site.group).listing(card)


def add(profile: str, asked: Asked) -> Receipt:
    """Take labels in: check them, keep the cells, note who said what.

    Raises:
        SmearflowError: there is no champion; the site is known by another pattern; the cells are no
            labelled cells, fail a critical expectation, or contradict what is known of them.
    """
    champion, folder = champion_of(profile), labelled_folder(profile)
    with labelling(profile):
        before, rule = read_store(folder), rule_of(profile)
        site, (manifest, raw) = site_named(before, asked), _manifest(champion)
        known = KnownCells(manifest.set_index("cell_id", drop=False), raw, before, folder)
        elsewhere = _elsewhere(champion, manifest)
        staged = folder / _STAGED
        shutil.rmtree(staged, ignore_errors=True)
        try:
            handed_in, votes, silent = _taken_in(asked, site, known, champion, staged)
            suite = PROJECT / "expectations/feedback.json"
            listing = handed_in.listing(champion.card)
            table = judge_labelled(handed_in, champion.card, suite, reports_folder(profile) / PAGES)
            taken = _taken(listing, table, votes, silent, asked.reviewer or person(PROJECT))
            check_known(taken, site, before, elsewhere)
            agreed = _agreement(champion, listing, table, taken)
            batch = keep_labelled(folder, handed_in, champion.card).name
        finally:
            shutil.rmtree(staged, ignore_errors=True)
        event = news(before, site, taken, batch, agreed)
        _write(folder, before, site, event)
        after = read_store(folder)
        _note(profile, before, after, event, rule)
        found = receipt(after, event, taken, elsewhere, rule)
        _write_conflicts(reports_folder(profile), found.contested)
        return found


def _manifest(champion: Champion) -> tuple[pd.DataFrame, Path]:
    """Of the champion's cells, and the folder of their archives; empty where none were kept."""
    cells_at_hand(PROJECT, champion)
    place = champion.folder.with_name(champion.folder.name + CELLS)
    manifest = pd.DataFrame(columns=["cell_id", "pixels", "patient"])
    if (place / "manifest.parquet").is_file():
        manifest = read_table(place / "manifest.parquet")
    return manifest, place / "raw"


def known_patients(champion: Champion) -> frozenset[str]:
    """Those whose cells the champion had, by their own ids."""
    manifest, _ = _manifest(champion)
    return frozenset(manifest["patient"].dropna().map(own_id))


def _elsewhere(champion: Champion, manifest: pd.DataFrame) -> Elsewhere:
    shares = load_yaml(champion.folder / "params.yaml")["split"]
    rows = manifest.dropna(subset=["pixels", "patient"])
    patients = dict(zip(rows["pixels"], rows["patient"].map(own_id), strict=True))
    return Elsewhere(patients, (shares["validation"], shares["test"]))


def _taken_in(
    asked: Asked, site: SiteNamed, known: KnownCells, champion: Champion, staged: Path
) -> tuple[HandIn, list[Vote] | None, int]:
    """The cells as a hand-in; what rows say of them (None: a folder says it), and silent rows."""
    if not asked.place.is_file():
        return HandIn(asked.place, site.pattern, site.group), None, 0
    pattern = site.pattern or champion.card.patient_patterns[0]
    reviewer = asked.reviewer or person(PROJECT)
    votes, silent = gather_votes(asked.place, known, champion.card, pattern, reviewer, staged)
    return HandIn(staged, site.pattern, site.group), votes, silent


def _taken(
    listing: Listing,
    table: pd.DataFrame,
    votes: Sequence[Vote] | None,
    silent: int,
    reviewer: str,
) -> Taken:
    """The cells that could be decoded, each once, and what is said of them.

    Args:
        table: their manifest.
        votes: None: each is what its folder says, by this reviewer.
    """
    found = table.dropna(subset=["pixels"])
    pixels = dict(zip(found["path"], found["pixels"], strict=True))
    if votes is None:
        votes = [Vote(cell.path, cell.label, reviewer) for cell in listing.cells]
    cells: dict[str, SeenCell] = {}
    for cell in listing.cells:
        if seen := pixels.get(cell.path):
            whose = cell.name._asdict()
            cells.setdefault(seen, SeenCell(cell=seen, path=cell.path, **whose))
    said = {
        (pixels[path], by): Said(cell=pixels[path], label=label, reviewer=by, note=note)
        for path, label, by, note in votes
        if path in pixels
    }
    unread = silent + len(table) - len(found)
    return Taken(tuple(cells.values()), tuple(said.values()), unread)


def _agreement(
    champion: Champion, listing: Listing, table: pd.DataFrame, taken: Taken
) -> Agreement:
    """Of the labels with what the model in use says of the same cells."""
    model, read = EdgeModel(champion.export), Contents(listing.cells).read
    if not taken.cells:
        return agreement([], [])
    white = dict(zip(table["path"], table["white"], strict=True))
    pixels = [
        pixels_of(read(seen.path), model.image_size, Settled(white[seen.path]))
        for seen in taken.cells
    ]
    patients = [seen.patient or "" for seen in taken.cells]
    probabilities, _ = model.predict(model.prepared(np.stack(pixels), patients))
    labels = taken.labels
    return agreement(
        [labels[seen.cell] == champion.card.classes[1] for seen in taken.cells],
        (probabilities >= model.threshold).tolist(),
    )


def _write(folder: Path, before: Store, site: SiteNamed, event: HandedIn) -> None:
    """Add what is new; one line a hand-in, so that a kill leaves all of it or nothing."""
    remember_site(folder, before, site)
    if event.said:
        append_json_line(folder / EVENTS, event.model_dump(mode="json"))


def _note(profile: str, before: Store, after: Store, event: HandedIn, rule: Rule) -> None:
    """Tell the history what was learned, and ask for a retraining where that is enough."""
    found = learned(before, after, rule)
    if not found.labels:
        return
    with decisions(PROJECT, f"{profile}: labels came in") as registry:
        history.note(
            registry,
            profile,
            LABELS,
            datetime.fromisoformat(event.at),
            batch=event.batch,
            site=event.site,
            labels=found.labels,
            groups=found.groups,
            flagged=event.agreement.flagged,
        )
    if may_retrain(PROJECT, profile, "labels"):
        ask(PROJECT, READY_EVENT, profile, {"profile": profile})


def _write_conflicts(folder: Path, found: Sequence[Contested]) -> None:
    """A table of the cells on which reviewers differ, as `feedback add` takes it."""
    rows = [
        (each.cell, each.path, reviewer, label, each.label or "")
        for each in found
        for reviewer, label in each.labels.items()
    ]
    columns = ["cell", "place", "reviewer", "label", "counts"]
    write_bytes(
        folder / CONFLICTS, pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()
    )
