"""A toy stage: patients with an even number are the test side, and pixels tell the label."""

import json
import zipfile

import numpy as np
import pandas as pd

from smearflow.cells.naming import parse_name
from smearflow.ground.progress import Progress
from smearflow.params.ingest import Ingest
from smearflow.params.problem import Problem
from smearflow.params.split import Split
from smearflow.records import split as records
from stages.runner import Folders, run


def split(settings: Split, ingest: Ingest, problem: Problem, folders: Folders) -> None:
    """Write the test side."""
    rows = []
    for source in ingest.sources:
        with zipfile.ZipFile(folders.inputs("ingest") / f"raw/{source.name}.zip") as raw:
            for member in raw.namelist():
                label, _, file = member.partition("/")
                patient = parse_name(file).patient or ""
                if int(patient[1:]) % 2 == 0:
                    row = {"path": f"{source.name}/{member}", "cell_id": member}
                    target = int(label == problem.positive)
                    rows.append(row | {"patient": f"{source.name}/{patient}", "target": target})
    table = pd.DataFrame(rows).sort_values("path", ignore_index=True)
    table.to_parquet(folders.outputs / "test.parquet")
    size = settings.image_size
    pixels = np.repeat(table["target"].to_numpy(np.uint8) * 200, size * size * 3)
    np.save(folders.outputs / "test.npy", pixels.reshape(-1, size, size, 3))
    Progress("split", 1, folders.progress).finish(f"{len(table)} cells", 0.1)
    (folders.outputs / "test.json").write_text(json.dumps(len(table)))
    positive = int(table["target"].sum())
    side = records.SideFacts(
        cells=len(table),
        patients=int(table["patient"].nunique()),
        positive=positive,
        negative=len(table) - positive,
        sha256="toy",
    )
    records.Split(
        image_size=size,
        classes=problem.classes,
        grouped_by={source.name: source.group for source in ingest.sources},
        sides=records.Sides(train=side, validation=side, test=side),
        quarantined=0,
        left_out=0,
        without_patient=0,
    ).write(folders.outputs)


if __name__ == "__main__":
    run(split)
