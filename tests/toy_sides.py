"""Sides of a split made on the spot, for tests of models and searches."""

import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from smearflow.model.weighting import Guessing
from smearflow.params.model import Configuration
from smearflow.params.whole import Params
from smearflow.sides.side import Side
from smearflow.sides.tables import write_table
from stages.runner import Folders, Stage, stage_arguments
from tests.material import cell_image, short_params
from tests.stages.project import make_project

SIZE = 32
INPUT_RANGE = (0.0, 1.0)
SHARE = 0.2  # the least of a class in the loss
COIN = Guessing(math.log(2), math.log(2))
SHORT = Configuration(learning_rate=3e-3, batch_size=16, epochs=2, hidden_units=8)


def toy_side(
    *, patients: int = 8, per_class: int = 3, seed: int = 1, prefix: str = "lab/p"
) -> Side:
    """Cells of both classes for each patient, shuffled, 32 pixels, in memory."""
    rng = np.random.default_rng(seed)
    pixels, rows = [], []
    for patient in range(patients):
        for target in (0, 1):
            for cell in range(per_class):
                image = cell_image(rng, parasitized=bool(target)).resize((SIZE, SIZE))
                pixels.append(np.asarray(image.convert("RGB"), np.uint8))
                rows.append((f"{prefix}{patient}/{target}/{cell}", f"{prefix}{patient}", target))
    order = rng.permutation(len(rows))
    table = pd.DataFrame(rows, columns=["cell_id", "patient", "target"])
    table["target"] = table["target"].astype(np.int8)
    return Side(np.stack(pixels)[order], table.iloc[order].reset_index(drop=True))


def with_rare_positives(side: Side, every: int = 8) -> Side:
    """The side without most of its positive cells: one of so many is kept, three of 24."""
    positive = np.flatnonzero(side.targets == 1)
    return side.take(
        np.sort(np.concatenate([np.flatnonzero(side.targets == 0), positive[::every]]))
    )


def toy_project(root: Path, backbone: Path, **sections: Any) -> Params:
    """Write outputs/split with a training and a validation side; returns short settings for it.

    Args:
        sections: values that replace others in sections of the settings.
    """
    split = root / "outputs" / "split"
    split.mkdir(parents=True)
    for name, side in {
        "train": toy_side(patients=8),
        "validation": toy_side(patients=4, seed=2, prefix="lab/v"),
    }.items():
        np.save(split / f"{name}.npy", side.pixels)
        write_table(side.table, split / f"{name}.parquet")
    settings = short_params(root / "nowhere", backbone)
    settings["model"]["configuration"] |= {"learning_rate": 3e-3, "hidden_units": 8}
    for section, values in sections.items():
        settings[section] |= values
    make_project(root, settings)
    return Params.model_validate(settings)


def call(stage: Stage, folders: Folders) -> None:
    """Call a stage with the settings in params.yaml, as the stage runner does."""
    stage(**stage_arguments(folders.root, stage), folders=folders)


def stage_folders(root: Path, stage: str) -> Folders:
    """What the stage runner hands to a stage; units of an earlier, unfinished one are kept."""
    folders = Folders(
        root,
        outputs=root / "outputs" / stage,
        reports=root / "reports" / stage,
        work=root / "work" / stage,
        progress=root / "work" / f"{stage}.jsonl",
    )
    for fresh in (folders.outputs, folders.reports):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
    folders.work.mkdir(parents=True, exist_ok=True)
    return folders


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}
