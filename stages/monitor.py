"""Judge the window of incoming cells by this run's model and baseline."""

from pathlib import Path

import pandas as pd

from smearflow.cells.files import cell_files
from smearflow.cells.raw import RawCells
from smearflow.params.ingest import Ingest
from smearflow.params.monitor import Monitor
from smearflow.report.drift.verdict import alerts, notes
from smearflow.windows.judge import judge_window
from stages.runner import Folders, run


def monitor(settings: Monitor, ingest: Ingest, folders: Folders) -> None:
    """Compare the images in data/incoming with the baseline.

    Where there are none, the cells of the test patients stand in: a run shows what monitoring does.
    """
    window = folders.root / "data" / "incoming"
    stand_in = not cell_files(window)
    verdict = judge_window(
        folders.inputs("export"),
        folders.inputs("baseline"),
        _test_cells(folders) if stand_in else window,
        folders.root / "expectations" / "incoming.json",
        settings.least_cells,
        folders.outputs,
        folders.reports,
        bits=settings.bits,
        patterns=[source.patient_pattern for source in ingest.sources],
        stand_in=stand_in,
    )
    print(f"{verdict.window.cells} cells: {verdict.verdict}", flush=True)
    for line in (*notes(verdict), *alerts(verdict)):
        print(f"  {line}", flush=True)


def _test_cells(folders: Folders) -> Path:
    """The original files of the test cells, out of ingest's archives."""
    window = folders.work / "test_cells"
    table = pd.read_parquet(folders.inputs("split") / "test.parquet", columns=["path"])
    with RawCells(folders.inputs("ingest") / "raw") as raw:
        for path in table["path"]:
            (window / path).parent.mkdir(parents=True, exist_ok=True)
            (window / path).write_bytes(raw.read(path))
    return window


if __name__ == "__main__":
    run(monitor)
