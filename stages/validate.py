"""Check the manifest against its expectations; stop if a critical one fails."""

import pandas as pd

from smearflow.cells.checks import require, run_suite
from smearflow.files import write_json
from smearflow.params import Params
from stages.runner import Folders, run


def validate(params: Params, folders: Folders) -> None:
    """Check the manifest against its expectations; stop if a critical one fails.

    Leaves results.json, and for people the page data_docs/index.html; of a run that failed the
    page stays in its work folder.
    """
    page = folders.reports / "data_docs" / "index.html"
    result = run_suite(
        pd.read_parquet(folders.inputs("ingest") / "manifest.parquet"),
        folders.root / "expectations" / "manifest.json",
        params.validate_.examples,
        parameters={"classes": list(params.problem.classes)},
        page=page,
    )
    require(result, "the manifest", page.relative_to(folders.root))
    write_json(folders.outputs / "results.json", result.to_json())
    print(f"{len(result.findings)} expectations checked", flush=True)


if __name__ == "__main__":
    run(validate)
