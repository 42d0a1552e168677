"""The stage ingest on sound cells in unusual layouts: what it says, and every label right."""

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from smearflow.sides.tables import read_table
from tests.bad_input.lab import Lab, run_stage
from tests.bad_input.layouts import LAYOUTS, Layout


def pixels(data: bytes) -> bytes:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).tobytes()


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_layout(layout: Layout, lab: Lab) -> None:
    published = {pixels(file.read_bytes()): file.parent.name for file in lab.cells.glob("*/*")}
    layout.lay(lab)
    lab.source.update(layout.settings)
    lab.params["problem"].update(layout.problem)
    ended = run_stage(lab, "ingest")
    assert ended.status == 0, ended.lines
    said = [line for line in ended.lines if line.startswith("nih: ") and "sha256" not in line]
    assert tuple(said) == layout.messages
    table = read_table(lab.root / "outputs/ingest/manifest.parquet")
    assert table["error"].isna().all()
    assert (len(table), table["patient"].nunique()) == (layout.cells, layout.patients)
    positive = " or ".join(layout.problem.get("positive", ["Parasitized"]))
    with zipfile.ZipFile(lab.root / "outputs/ingest/raw/nih.zip") as raw:
        for path, label in zip(table["path"], table["label"], strict=True):
            if layout.exact:
                was = published[pixels(raw.read(path.removeprefix("nih/")))]
                assert label == (positive if was == "Parasitized" else was)
