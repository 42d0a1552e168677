"""The files that stages left in the folder of a run."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

PARASITAEMIA = ("called", "parasitaemia", "parasitaemia_low", "parasitaemia_high", "verdict")
PAGES, PAGE, PICTURES = "reports/pages", "index.html", "pictures"


def read_json(root: Path, *parts: str) -> Any | None:
    """A JSON file below `root`; None where it does not exist."""
    path = root.joinpath(*parts)
    return json.loads(path.read_text()) if path.is_file() else None


def patients_table(root: Path) -> pd.DataFrame | None:
    """The test's table of a row per patient; None where none tells of parasitaemia."""
    file = root / "outputs/evaluate/per_patient.csv"
    table = pd.read_csv(file) if file.is_file() else pd.DataFrame()
    return table if set(PARASITAEMIA) <= set(table.columns) else None
