"""Pages that hold everything they show."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from smearflow.ground.files import write_bytes
from smearflow.html import templates
from smearflow.report.text import number

# of a drawn picture on a page: more are not told apart, and cost three times as much
_COLOURS = 128
_QUALITY = 90  # JPEG, of a cell


def write_page(target: Path, template: str, **content: Any) -> None:
    """Render a template of this package into a file, whole or not at all."""
    environment = templates("smearflow.report")
    environment.filters |= {"data_url": data_url, "cell_url": cell_url, "number": number}
    write_bytes(target, environment.get_template(template).render(**content).encode())


def data_url(path: Path) -> str:
    """A drawn picture as a URL that holds it, with few colours."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    return _url(few, "PNG", optimize=True)


def cell_url(pixels: npt.NDArray[np.uint8]) -> str:
    """A cell, RGB [S, S, 3], as a URL that holds it."""
    return _url(Image.fromarray(pixels), "JPEG", quality=_QUALITY)


def _url(picture: Image.Image, kind: str, **options: Any) -> str:
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    data = base64.b64encode(stream.getvalue()).decode()
    return f"data:{Image.MIME[kind]};base64,{data}"
