"""What the runs of the exploration say, and the space they leave for the search: numbers only."""

from smearflow.analysis.narrowing import narrow, space_of
from smearflow.analysis.runs import analyse_runs
from smearflow.analysis.tables import write_tables
from smearflow.params.explore import Experiments
from smearflow.params.model import Length, Start
from smearflow.records.exploration import Runs
from stages.runner import Folders, run


def analyse(explore: Experiments, model: Start, train: Length, folders: Folders) -> None:
    """Answer the questions of the exploration in numbers, narrow the space for `tune`."""
    experiments, base = explore.experiments, model.configuration
    runs = Runs.read(folders.root).runs
    analysis = analyse_runs(experiments, runs, base, train.epochs)
    narrowing = narrow(experiments, runs, analysis, base)
    for record in (analysis, narrowing, space_of(narrowing)):
        record.write(folders.outputs)
    write_tables(folders.outputs, runs, analysis)
    print(
        f"analyse: {len(runs)} runs, {analysis.diverged} diverged; "
        f"{len(narrowing.parameters)} parameters left for the search, "
        f"{len(narrowing.dropped)} dropped",
        flush=True,
    )


if __name__ == "__main__":
    run(analyse)
