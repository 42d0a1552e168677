"""Judge the window of incoming cells by this run's model and baseline."""

from smearflow.monitoring.windows import judge_window
from smearflow.params import Params
from stages.runner import Folders, run


def monitor(params: Params, folders: Folders) -> None:
    """Compare the images in data/incoming with the baseline; an empty folder is no error."""
    verdict = judge_window(
        folders.inputs("export"),
        folders.inputs("baseline"),
        folders.root / "data" / "incoming",
        folders.root / "expectations" / "incoming.json",
        params.monitor.least_cells,
        folders.outputs,
        folders.reports,
        bits=params.monitor.bits,
        patterns=[source.patient_pattern for source in params.ingest.sources],
    )
    print(f"{verdict['window']['cells']} cells: {verdict['verdict']}", flush=True)
    for line in (*verdict["notes"], *verdict["alerts"]):
        print(f"  {line}", flush=True)


if __name__ == "__main__":
    run(monitor)
