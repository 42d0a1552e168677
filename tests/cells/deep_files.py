"""Files of more than 8 bits a sample, of which Pillow writes few."""

import io
import struct
import zlib
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from PIL import Image, TiffImagePlugin

_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # of PNG, by samples a pixel
_ASCII, _SHORT, _LONG = 2, 3, 4
MAX_SAMPLE_VALUE, DESCRIPTION = 281, 270


def png(samples: np.ndarray, chunks: Mapping[bytes, bytes] | None = None) -> bytes:
    """A 16-bit PNG of uint16 [height, width] or [height, width, 2 to 4]."""
    height, width, each = (*samples.shape, 1)[:3]
    body = b"".join(b"\0" + row.tobytes() for row in samples.astype(">u2").reshape(height, -1))
    header = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[each], 0, 0, 0)
    parts = {b"IHDR": header, **(chunks or {}), b"IDAT": zlib.compress(body), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part))
        for kind, part in parts.items()
    )


def tiff(
    samples: np.ndarray, *, order: Literal["<", ">"] = "<", deflate: bool = False, **tags: Any
) -> bytes:
    """A TIFF of one strip, of samples [height, width] or [height, width, 3 or 4] of any type.

    Args:
        order: `<` or `>`.
        tags: by their names in TiffImagePlugin, in lower case, or `tag_<number>`; they replace
            those that follow from the samples.
    """
    height, width, each = (*samples.shape, 1)[:3]
    strip = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    strip = zlib.compress(strip) if deflate else strip
    found: dict[int, Any] = {
        TiffImagePlugin.IMAGEWIDTH: width,
        TiffImagePlugin.IMAGELENGTH: height,
        TiffImagePlugin.BITSPERSAMPLE: (8 * samples.dtype.itemsize,) * each,
        TiffImagePlugin.COMPRESSION: 8 if deflate else 1,
        TiffImagePlugin.PHOTOMETRIC_INTERPRETATION: 2 if each > 2 else 1,
        TiffImagePlugin.STRIPOFFSETS: 8,
        TiffImagePlugin.SAMPLESPERPIXEL: each,
        TiffImagePlugin.ROWSPERSTRIP: height,
        TiffImagePlugin.STRIPBYTECOUNTS: len(strip),
        TiffImagePlugin.SAMPLEFORMAT: ({"u": 1, "i": 2, "f": 3}[samples.dtype.kind],) * each,
    }
    for name, value in tags.items():
        number = name.removeprefix("tag_")
        found[int(number) if number.isdigit() else getattr(TiffImagePlugin, name.upper())] = value
    strip += b"\0" * (len(strip) % 2)
    header = struct.pack(f"{order}2sHI", {"<": b"II", ">": b"MM"}[order], 42, 8 + len(strip))
    return header + strip + _directory(found, order, len(header) + len(strip))


def _directory(tags: Mapping[int, Any], order: str, at: int) -> bytes:
    entries, beyond = b"", b""
    end = at + 2 + 12 * len(tags) + 4
    for number in sorted(tags):
        kind, count, value = _encoded(tags[number], order)
        if len(value) > 4:
            value, beyond = struct.pack(f"{order}I", end + len(beyond)), beyond + value
        entries += struct.pack(f"{order}HHI", number, kind, count) + value.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(tags)) + entries + bytes(4) + beyond


def _encoded(value: Any, order: str) -> tuple[int, int, bytes]:
    if isinstance(value, str):
        text = value.encode() + b"\0"
        return _ASCII, len(text), text + b"\0" * (len(text) % 2)
    if isinstance(value, int):
        return _LONG, 1, struct.pack(f"{order}I", value)
    return _SHORT, len(value), struct.pack(f"{order}{len(value)}H", *value)


def pages(*images: Image.Image, format: str = "TIFF", **options: Any) -> bytes:
    """A file of several pages."""
    stream = io.BytesIO()
    images[0].save(stream, format, save_all=True, append_images=images[1:], **options)
    return stream.getvalue()
