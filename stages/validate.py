"""Check the manifest against its expectations; stop if a critical one fails."""

import pandas as pd

from smearflow.cells.raw import RawCells
from smearflow.cells.relations import with_relations
from smearflow.checks import require
from smearflow.gate import check_images, corrections, quarantined, recheck
from smearflow.gate.page import PAGE
from smearflow.ground.files import write_bytes
from smearflow.params.problem import Classes
from smearflow.params.validate import Validate
from smearflow.records.sources import Sources
from smearflow.records.validation import Validation
from smearflow.sides.tables import read_table
from stages.runner import Folders, run


def validate(settings: Validate, problem: Classes, folders: Folders) -> None:
    """Check the manifest against its expectations; stop if a critical one fails.

    Leaves results.json and quarantine.csv, the images that the run does without (they fail, or a
    later source corrects their label), and for people index.html with the files that fail and
    data_docs/; of a run that failed these stay in its work folder.
    """
    everything = read_table(folders.inputs("ingest") / "manifest.parquet")
    corrected = corrections(everything)
    images = everything[everything["corrected_by"].isna()]
    suite = folders.root / "expectations" / "manifest.json"
    grouped_by = Sources.read(folders.root).grouped_by
    values = {"classes": list(problem.classes)}
    with RawCells(folders.inputs("ingest") / "raw") as raw:
        result, found = check_images(
            with_relations(images, problem.classes[1], grouped_by),
            suite,
            folders.reports,
            "Images that do not meet expectations",
            raw.read,
            settings.examples,
            values,
        )
    aside = quarantined(found, len(images), settings.quarantine, settings.most_quarantined)
    files = aside["row"].nunique()
    if files:
        print(f"{files} of {len(images)} images quarantined, see quarantine.csv", flush=True)
        kept = images[~images["cell_id"].isin(aside["row"])]
        result = recheck(
            with_relations(kept, problem.classes[1], grouped_by), suite, folders.reports, values
        )
    require(result, "the manifest", folders.reports / PAGE)
    left_out = pd.concat([corrected, aside])
    write_bytes(folders.outputs / "quarantine.csv", left_out.to_csv(index=False).encode())
    checks = result.noted(settings.examples)
    Validation(
        images=len(everything),
        corrected=len(corrected),
        quarantined=files,
        success=checks.success,
        statistics=checks.statistics,
        expectations=checks.expectations,
    ).write(folders.outputs)
    print(f"{len(result.findings)} expectations checked", flush=True)


if __name__ == "__main__":
    run(validate)
