"""JSON of annotations: which format it is, and its content as typed."""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from smearflow.cells.files import Files
from smearflow.intake.boxes.marks import BOM, broken, read_annotation

Content = TypeVar("Content")

HEAD = 1 << 16  # bytes that are looked at in any JSON file
MOST = 1 << 28  # bytes that are read: a million boxes have some 200 MB
_LISTS = re.compile(rb'"(?:images|annotations|categories)"\s*:\s*\[')
_KEYS = (b'"images"', b'"annotations"', b'"categories"')


def json_files(
    folder: Path, files: Files, form: Literal["coco", "bbbc041"]
) -> Iterator[PurePosixPath]:
    """The JSON files of a format, told by their beginnings."""
    named = (file for file in files.others if file.suffix.lower() == ".json")
    return (file for file in named if _form_of(folder / file) == form)


def _form_of(file: Path) -> Literal["coco", "bbbc041"] | None:
    with file.open("rb") as stream:
        head = stream.read(HEAD).removeprefix(BOM).lstrip()
        if head.startswith(b"["):
            boxes = b'"bounding_box"' in head and b'"minimum"' in head
            return "bbbc041" if boxes or b'"pathname"' in head else None
        if not head.startswith(b"{") or not _LISTS.search(head):
            return None
        # the other lists may come after megabytes
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return "coco" if sum(content.find(key) >= 0 for key in _KEYS) > 1 else None


def read_json(kind: type[Content], file: Path) -> Content:
    """The content of a JSON file; keys that the type does not have are passed over.

    Raises:
        SmearflowError: no JSON, or not of that type; the message says where.
    """
    try:
        return TypeAdapter(kind).validate_json(read_annotation(file, MOST))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise broken(file, f"{place}: {first['msg']}" if place else first["msg"]) from error
