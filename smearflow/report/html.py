"""Pages that hold everything they show."""

import base64
from pathlib import Path
from typing import Any

from smearflow.ground.files import write_bytes
from smearflow.html import templates
from smearflow.report.text import label, number


def write_page(target: Path, template: str, **content: Any) -> None:
    """Render a template of this package into a file, whole or not at all."""
    environment = templates("smearflow.report")
    environment.filters |= {"number": number, "label": label, "data_url": data_url}
    write_bytes(target, environment.get_template(template).render(**content).encode())


def data_url(path: Path) -> str:
    """A PNG file as a URL that holds it."""
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
