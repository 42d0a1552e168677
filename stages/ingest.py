"""Bring the cells here and describe each of them in the manifest."""

from pathlib import Path

from smearflow.cells import manifest
from smearflow.cells.raw import RawCells, write_raw
from smearflow.cells.relations import with_corrections
from smearflow.ground.errors import SmearflowError
from smearflow.intake.sources import fetch, located
from smearflow.params.ingest import Ingest, Source
from smearflow.params.machine import Locations
from smearflow.params.problem import Classes
from smearflow.params.whole import load_params
from smearflow.sides.tables import write_table
from stages.runner import Folders, run

REPORT_EVERY = 2000  # images
HINT = "see docs/images.md, and ingest.sources.{}.bits in params.yaml for samples"


def ingest(settings: Ingest, problem: Classes, locations: Locations, folders: Folders) -> None:
    """Bring the cells here and describe each of them in the manifest.

    Leaves raw/<source>.zip, the original files, and manifest.parquet, a row per image.
    """
    load_params(folders.root / "params.yaml")  # what is wrong anywhere is said now, not after hours
    raw = folders.outputs / "raw"
    rows: list[manifest.Row] = []
    for number, source in enumerate(settings.sources):
        option = f"ingest.sources.{number}.location" if number else "DATA"
        cells = fetch(located(source, locations), problem.classes, folders.work, option)
        members = write_raw(cells, raw / f"{source.name}.zip")
        if not members:
            raise SmearflowError(
                f"{cells} holds no images", f"name another folder: {option}=<folder or archive>"
            )
        print(f"{source.name}: {len(members)} files", flush=True)
        described = _describe(source, members, raw)
        _require_patients(source, described)
        rows.extend(described)
    table = with_corrections(manifest.tabulate(rows), settings.sources)
    for number, source in enumerate(settings.sources):
        for remark in manifest.remarks(table[table["source"] == source.name]):
            print(f"warning: {source.name}: {remark}; {HINT.format(number)}", flush=True)
    write_table(table, folders.outputs / "manifest.parquet")
    print(f"{len(table)} images, {table['error'].notna().sum()} can't be decoded", flush=True)
    if corrected := table["corrected_by"].notna().sum():
        print(f"{corrected} images have another label in a source that corrects it", flush=True)


def _describe(source: Source, members: list[str], raw: Path) -> list[manifest.Row]:
    paths = [f"{source.name}/{member}" for member in members]

    def report(number: int) -> None:
        if number % REPORT_EVERY == 0:
            print(f"{source.name}: {number} of {len(paths)} images described", flush=True)

    with RawCells(raw) as cells:
        facts = manifest.describe_all(cells.read, paths, source.bits, report)
    return [
        manifest.identify(source.name, path.split("/")[1], path, source.patient_pattern) | fact
        for path, fact in zip(paths, facts, strict=True)
    ]


def _require_patients(source: Source, rows: list[manifest.Row]) -> None:
    """Without any patient nothing could be split: said here, where the key is known."""
    if not any(row["patient"] for row in rows):
        raise SmearflowError(
            f"no file name of the source {source.name} tells a patient, first {rows[0]['path']}",
            "correct patient_pattern of that source in params.yaml",
        )


if __name__ == "__main__":
    run(ingest)
