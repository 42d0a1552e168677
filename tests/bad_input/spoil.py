"""What can be wrong with a laboratory's cells, settings, backbone and archives."""

import io
import resource
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from smearflow.images.samples import read_samples
from tests.bad_input.lab import Lab, forked
from tests.cells.deep_files import pages, tiff
from tests.material import write_hub_module

Spoil = Callable[[Lab], None]
ORIENTATION = 0x0112  # the EXIF tag


def no_change(lab: Lab) -> None:
    del lab


def everywhere(convert: Callable[[bytes], bytes]) -> Spoil:
    """Give all cells another content, made of their own."""

    def spoil(lab: Lab) -> None:
        for file in lab.cells.glob("*/*"):
            file.write_bytes(convert(file.read_bytes()))

    return spoil


def no_folders(lab: Lab) -> None:
    shutil.rmtree(lab.cells)
    lab.cells.mkdir()


def no_images(lab: Lab) -> None:
    for file in lab.cells.glob("*/*"):
        file.unlink()


def twice_and_other(lab: Lab) -> None:
    copy = lab.folder / "copy"
    shutil.copytree(lab.cells, copy)
    next(copy.glob("*/*")).write_bytes(lab.files[0].read_bytes() + b"another")
    copy.rename(lab.cells / "cells")


def class_in_class(lab: Lab) -> None:
    (lab.cells / "Uninfected").rename(lab.cells / "Parasitized/Uninfected")


def third_folder(lab: Lab) -> None:
    (lab.cells / "unsure").mkdir()
    for file in lab.files[:5]:
        file.rename(lab.cells / "unsure" / file.name)


def foreign(lab: Lab) -> None:
    for file in lab.files:
        file.rename(file.with_suffix(".czi"))


def numbered(lab: Lab) -> None:
    for number, file in enumerate(sorted(lab.cells.glob("*/*"))):
        file.rename(file.with_name(f"{number}.png"))


def table_of_codes(lab: Lab) -> None:
    images, rows = lab.cells / "images", ["file,code"]
    images.mkdir()
    for number, file in enumerate(sorted(lab.cells.glob("*/*.png"))):
        rows.append(f"{number}.png,{int(file.parent.name == 'Parasitized')}")
        file.rename(images / f"{number}.png")
    (lab.cells / "labels.csv").write_text("\n".join(rows))


def no_place(lab: Lab) -> None:
    shutil.rmtree(lab.cells)


def one_class(lab: Lab) -> None:
    shutil.rmtree(lab.cells / "Uninfected")


def content(data: bytes | Callable[[bytes], bytes], files: int = 1) -> Spoil:
    """Give some files another content, made of their own or not."""

    def spoil(lab: Lab) -> None:
        for file in lab.files[:files]:
            file.write_bytes(data(file.read_bytes()) if callable(data) else data)

    return spoil


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def converted(format: str, mode: str | None = None, **options: Any) -> Spoil:
    """Store a cell in another mode or file format."""

    def convert(data: bytes) -> bytes:
        image = Image.open(io.BytesIO(data))
        return encoded(image.convert(mode) if mode else image, format, **options)

    return content(convert)


def encoded(image: Image.Image, format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format, **options)
    return stream.getvalue()


def sixteen_bits(data: bytes) -> bytes:
    grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.uint16)
    return encoded(Image.fromarray(grey * 257), "PNG")


def deep(white: int = 4095) -> Callable[[bytes], bytes]:
    """A 16-bit TIFF whose samples go up to `white`, which it does not say."""

    def convert(data: bytes) -> bytes:
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
        return tiff(np.rint(pixels / 255 * white).astype(np.uint16))

    return convert


def shifted(bits: int) -> Callable[[bytes], bytes]:
    """The same TIFF with fewer bits in its samples."""

    def convert(data: bytes) -> bytes:
        return tiff(read_samples(data).values >> bits)

    return convert


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(lab: Lab) -> None:
        for each in spoils:
            each(lab)

    return spoil


def floating(data: bytes) -> bytes:
    grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float32)
    return encoded(Image.fromarray(grey / 255), "TIFF")


def channels(*bands: int) -> Callable[[bytes], bytes]:
    """Some of red, green and blue as grey pages of a TIFF."""

    def convert(data: bytes) -> bytes:
        split = Image.open(io.BytesIO(data)).split()
        return pages(*(split[band] for band in bands))

    return convert


def blank_first(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data))
    return pages(Image.new("RGB", image.size), image)


def animated(data: bytes) -> bytes:
    image = Image.open(io.BytesIO(data))
    return encoded(image, "GIF", save_all=True, append_images=[image.rotate(90)])


def orientation(value: int) -> Spoil:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return converted("PNG", exif=exif)


def huge(side: int) -> bytes:
    """A PNG that claims to have so many pixels a side, in 100 bytes."""
    chunks = {b"IHDR": struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0), b"IDAT": b""}
    framed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def renamed(suffix: str) -> Spoil:
    """Append to the stem of a file's name."""

    def spoil(lab: Lab) -> None:
        file = lab.files[0]
        file.rename(file.with_stem(file.stem + suffix))

    return spoil


def both_labels(lab: Lab) -> None:
    file = lab.files[0]
    shutil.copyfile(file, lab.cells / "Parasitized" / file.name)


def own_names(pattern: str) -> Spoil:
    """A source of kind folder with this pattern of the patient."""

    def spoil(lab: Lab) -> None:
        lab.source.update(kind="folder", patient_pattern=pattern)

    return spoil


def two_patients(lab: Lab) -> None:
    for file in lab.cells.glob("*/*"):
        if not file.name.startswith(("C1P", "C2P")):
            file.unlink()


def setting(value: Any, *path: str | int) -> Spoil:
    """Set a value in params.yaml."""

    def spoil(lab: Lab) -> None:
        *parents, last = path
        section: Any = lab.params
        for name in parents:
            section = section[name]
        section[last] = value

    return spoil


def no_section(lab: Lab) -> None:
    del lab.params["split"]


def zipped(lab: Lab, extra: Callable[[zipfile.ZipFile], None] = lambda _: None) -> None:
    """Hand in the cells as an archive, with something extra in it."""
    with zipfile.ZipFile(lab.archive, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(lab.cells.glob("*/*")):
            archive.write(file, file.relative_to(lab.cells))
        extra(archive)
    lab.source["location"] = str(lab.archive)


def member(name: str, data: bytes = b"", mode: int = 0o644) -> Spoil:
    """Hand in an archive with one member more."""

    def spoil(lab: Lab) -> None:
        info = zipfile.ZipInfo(name)
        info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
        zipped(lab, lambda archive: archive.writestr(info, data))

    return spoil


LINK = stat.S_IFLNK | 0o777


def bomb(lab: Lab) -> None:
    with zipfile.ZipFile(lab.archive, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Uninfected/C1P1_cell_1.png", bytes(10**7))
    lab.source["location"] = str(lab.archive)


def cut_archive(lab: Lab) -> None:
    zipped(lab)
    lab.archive.write_bytes(half(lab.archive.read_bytes()))


def wrong_sha256(lab: Lab) -> None:
    zipped(lab)
    lab.source["sha256"] = "0" * 64


def no_network(lab: Lab) -> None:
    lab.source["location"] = "http://127.0.0.1:9/cells.zip"
    lab.environment["NO_PROXY"] = "127.0.0.1"


def module(**options: Any) -> Spoil:
    """Put a module there, as `tests.material` writes it."""

    def spoil(lab: Lab) -> None:
        forked(partial(write_hub_module, lab.module, **options))

    return spoil


def cut_module(part: str) -> Spoil:
    """Put a module there and lose half of one of its files."""

    def spoil(lab: Lab) -> None:
        module()(lab)
        (file,) = lab.module.glob(part)
        file.write_bytes(half(file.read_bytes()))

    return spoil


def module_url(*, trusted: bool) -> Spoil:
    """Name a module on a server that does not answer."""

    def spoil(lab: Lab) -> None:
        lab.params["model"] |= {
            "backbone": "http://127.0.0.1:9/module.tar.gz",
            "trust_unpinned": trusted,
        }
        lab.environment["NO_PROXY"] = "127.0.0.1"

    return spoil


def small_files_only(lab: Lab) -> None:
    lab.prepare = _limit_files


def _limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
