"""What the runs of the exploration say, and the space they leave for the search: numbers only."""

import json

from smearflow.analysis.narrowing import narrow, space_of
from smearflow.analysis.runs import analyse_runs
from smearflow.analysis.tables import write_tables
from smearflow.ground.files import write_json
from smearflow.params.explore import Experiments
from smearflow.params.model import Start
from stages.runner import Folders, run


def analyse(explore: Experiments, model: Start, folders: Folders) -> None:
    """Answer the questions of the exploration in numbers, narrow the space for `tune`."""
    experiments, base = explore.experiments, model.configuration
    runs = json.loads((folders.inputs("explore") / "runs.json").read_text())
    analysis = analyse_runs(experiments, runs, base)
    narrowing = narrow(experiments, runs, analysis, base)
    write_json(folders.outputs / "analysis.json", analysis)
    write_json(folders.outputs / "narrowing.json", narrowing)
    write_json(folders.outputs / "space.json", space_of(narrowing))
    write_tables(folders.outputs, runs, analysis)
    searched, dropped = (len(narrowing[part]) for part in ("parameters", "dropped"))
    print(
        f"analyse: {len(runs)} runs, {analysis['diverged']} diverged; "
        f"{searched} parameters left for the search, {dropped} dropped",
        flush=True,
    )


if __name__ == "__main__":
    run(analyse)
