"""The files that stages left in the folder of a run."""

import json
from pathlib import Path
from typing import Any

PAGES, PAGE, PICTURES = "reports/pages", "index.html", "pictures"


def read_json(root: Path, *parts: str) -> Any | None:
    """A JSON file below `root`; None where it does not exist."""
    path = root.joinpath(*parts)
    return json.loads(path.read_text()) if path.is_file() else None
