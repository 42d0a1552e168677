"""Pascal VOC: an XML file per image, with the root `annotation`.

Pixels are counted from 1 and `xmax`, `ymax` are the last ones inside (the development kit of VOC
2007, and so Detectron2): xmin 1 and xmax 640 are all of 640 pixels. Programs that count from 0
give boxes that come out one pixel further left and up, which the margin holds.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from smearflow.cells.files import Files
from smearflow.intake.boxes.drawing import Drawn, place
from smearflow.intake.boxes.marks import Marks, broken, read_annotation, stated_size
from smearflow.intake.boxes.matching import Wanted, by_name
from smearflow.intake.listing import Box

HEAD = 4096  # bytes in which the root begins
MOST = 1 << 24  # bytes of a file
# after a byte order mark, comments and declarations, none of which is looked at twice
_ROOT = re.compile(
    rb"[\xef\xbb\xbf\xfe\xff]*+(?>\s*(?:<!--.*?-->|<[?!][^>]*>|\]\s*>))*+\s*<annotation[\s>]",
    re.DOTALL,
)


def first_file(folder: Path, files: Files) -> PurePosixPath | None:
    """The first annotation file of this format."""
    return next(_xml_files(folder, files), None)


def read(folder: Path, files: Files) -> Marks:
    """All boxes.

    Raises:
        SmearflowError: a file that can't be read, or a name that may mean several images.
    """
    sources = _xml_files(folder, files)
    return place(files.images, (each for source in sources for each in _drawn(folder, source)))


def _xml_files(folder: Path, files: Files) -> Iterator[PurePosixPath]:
    for file in files.others:
        if file.suffix.lower() == ".xml":
            with (folder / file).open("rb") as stream:
                # in UTF-16 every other byte of the name is zero
                if _ROOT.match(stream.read(HEAD).replace(b"\0", b"")):
                    yield file


def _drawn(folder: Path, source: PurePosixPath) -> Iterator[Drawn | Wanted]:
    root = _parsed(folder / source)
    wanted = _wanted(source, root.findtext("filename", "").strip())
    yield wanted
    try:
        size = stated_size(*(_number(root, f"size/{side}", 0) for side in ("width", "height")))
    except ValueError as error:
        raise broken(folder / source, str(error)) from error
    for number, found in enumerate(root.iterfind("object"), start=1):
        try:
            label = (found.findtext("name") or "").strip()
            if not label:
                raise ValueError("no name")
            left, top, right, bottom = (
                _number(found, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")
            )
        except ValueError as error:
            raise broken(folder / source, f"object {number}: {error}") from error
        difficult = found.findtext("difficult", "").strip().lower() in ("1", "true", "yes")
        yield Drawn(wanted, label, Box(left - 1, top - 1, right, bottom), difficult, size)


def _wanted(source: PurePosixPath, filename: str) -> Wanted:
    """The image of the same stem as the XML; else the one it names, often that of a copy."""
    named = by_name(source, filename, alone=True)
    own = source.with_suffix("")
    path = source.with_name(named.path.name) if named.stem == own.name else own
    return Wanted(path, own.name, source, True, named if filename else None)


def _number(parent: Element, place: str, default: float | None = None) -> float:
    text = parent.findtext(place)
    if text is None and default is not None:
        return default
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{place} is {text!r}, no number" if text else f"no {place}")
    return value


def _parsed(file: Path) -> Element:
    """The root of an XML file that declares no document type, and so no entities to expand."""
    builder, parser = TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(read_annotation(file, MOST), True)
    except (expat.ExpatError, LookupError, ValueError) as error:  # damage, or unknown encodings
        raise broken(file, str(error)) from error
    return builder.close()


def _refuse(*declared: object) -> NoReturn:
    raise ValueError(f"a document type, {declared[0]}, which is not read: remove that line")
