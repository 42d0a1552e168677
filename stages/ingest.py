"""Bring the cells here and describe each of them in the manifest."""

from collections.abc import Iterator
from pathlib import Path

from smearflow.cells import manifest
from smearflow.cells.labels import Labels
from smearflow.cells.raw import RawCells, write_raw
from smearflow.cells.relations import with_corrections
from smearflow.intake.cutting import Contents
from smearflow.intake.grouping import require_groups
from smearflow.intake.listing import Listing
from smearflow.intake.notices import notices, understood
from smearflow.intake.sources import fetch, located
from smearflow.intake.tables import OWN, own_table
from smearflow.params.ingest import Ingest, Source
from smearflow.params.machine import Locations
from smearflow.params.problem import Classes
from smearflow.params.whole import load_params
from smearflow.records.sources import Sources
from smearflow.sides.tables import write_table
from stages.runner import Folders, run

REPORT_EVERY = 2000  # images
HINT = "see docs/images.md, and ingest.sources.{}.bits in params.yaml for samples"


def ingest(settings: Ingest, problem: Classes, locations: Locations, folders: Folders) -> None:
    """Bring the cells here and describe each of them in the manifest.

    Leaves raw/<source>.zip, the original files, manifest.parquet, a row per image, and
    sources.json, how each source was understood.
    """
    load_params(folders.root / "params.yaml")  # what is wrong anywhere is said now, not after hours
    raw = folders.outputs / "raw"
    rows, facts = list[manifest.Row](), []
    for number, source in enumerate(settings.sources):
        key = f"ingest.sources.{number}"
        option = f"{key}.location" if number else "DATA"
        labels = Labels(problem.classes, problem.spellings, source.labels)
        listing = fetch(located(source, locations), labels, folders.work, option, key)
        print(f"{source.name}: {understood(listing)}", flush=True)
        for notice in notices(listing.facts):
            print(f"{source.name}: {notice}", flush=True)
        require_groups(listing, source, key)
        write_raw(raw / f"{source.name}.zip", _members(listing))
        rows.extend(_describe(source, listing, raw))
        facts.append(listing.facts)
    table = with_corrections(manifest.tabulate(rows), settings.sources)
    for number, source in enumerate(settings.sources):
        for remark in manifest.remarks(table[table["source"] == source.name]):
            print(f"warning: {source.name}: {remark}; {HINT.format(number)}", flush=True)
    write_table(table, folders.outputs / "manifest.parquet")
    Sources(sources=tuple(facts)).write(folders.outputs)
    print(f"{len(table)} images, {table['error'].notna().sum()} can't be decoded", flush=True)
    if corrected := table["corrected_by"].notna().sum():
        print(f"{corrected} images have another label in a source that corrects it", flush=True)


def _members(listing: Listing) -> Iterator[tuple[str, bytes]]:
    """The files to keep; where paths do not tell all of them, with a table that does."""
    contents = Contents(listing.cells)
    for cell in listing.cells:
        yield cell.path, contents.read(cell.path)
    if listing.explicit:
        yield OWN, own_table(listing.cells)


def _describe(source: Source, listing: Listing, raw: Path) -> list[manifest.Row]:
    paths = [f"{source.name}/{cell.path}" for cell in listing.cells]

    def report(number: int) -> None:
        if number % REPORT_EVERY == 0:
            print(f"{source.name}: {number} of {len(paths)} images described", flush=True)

    with RawCells(raw) as cells:
        facts = manifest.describe_all(cells.read, paths, source.bits, report)
    return [
        manifest.identify(source.name, cell.label, path, cell.name) | fact
        for path, cell, fact in zip(paths, listing.cells, facts, strict=True)
    ]


if __name__ == "__main__":
    run(ingest)
