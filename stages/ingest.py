"""Bring the cells here and describe each of them in the manifest."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from smearflow.cells import manifest
from smearflow.cells.parallel import ordered_map
from smearflow.cells.raw import RawCells, write_raw
from smearflow.cells.relations import with_corrections
from smearflow.cells.sources import fetch
from smearflow.errors import SmearflowError
from smearflow.params import Params, Source
from stages.runner import Folders, run

REPORT_EVERY = 2000  # images


def ingest(params: Params, folders: Folders) -> None:
    """Bring the cells here and describe each of them in the manifest.

    Leaves raw/<source>.zip, the original files, and manifest.parquet, a row per image.
    """
    raw = folders.outputs / "raw"
    rows: list[dict[str, Any]] = []
    for number, source in enumerate(params.ingest.sources):
        option = f"ingest.sources.{number}.location" if number else "DATA"
        cells = fetch(source, params.problem.classes, folders.work, option)
        members = write_raw(cells, raw / f"{source.name}.zip")
        if not members:
            raise SmearflowError(
                f"{cells} holds no images", f"name another folder: {option}=<folder or archive>"
            )
        print(f"{source.name}: {len(members)} files", flush=True)
        described = list(_describe(source, members, raw))
        _require_patients(source, described)
        rows.extend(described)
    table = with_corrections(manifest.tabulate(rows), params.ingest.sources)
    manifest.write(table, folders.outputs / "manifest.parquet")
    print(f"{len(table)} images, {table['error'].notna().sum()} can't be decoded", flush=True)
    if corrected := table["corrected_by"].notna().sum():
        print(f"{corrected} images have another label in a source that corrects it", flush=True)


def _describe(source: Source, members: list[str], raw: Path) -> Iterator[dict[str, Any]]:
    paths = [f"{source.name}/{member}" for member in members]
    with RawCells(raw) as cells:
        images = (cells.read(path) for path in paths)
        facts = ordered_map(manifest.describe, images, len(paths))
        for number, (path, fact) in enumerate(zip(paths, facts, strict=True), start=1):
            label = path.split("/")[1]
            yield manifest.identify(source.name, label, path, source.patient_pattern) | fact
            if number % REPORT_EVERY == 0:
                print(f"{source.name}: {number} of {len(paths)} images described", flush=True)


def _require_patients(source: Source, rows: list[dict[str, Any]]) -> None:
    """Without any patient nothing could be split: said here, where the key is known."""
    if not any(row["patient"] for row in rows):
        raise SmearflowError(
            f"no file name of the source {source.name} tells a patient, first {rows[0]['path']}",
            "correct patient_pattern of that source in params.yaml",
        )


if __name__ == "__main__":
    run(ingest)
