"""Which files are images, told by their names, or by their first bytes where a name tells nothing.

docs/images.md lists the suffixes.
"""

import io
from collections.abc import Sequence
from pathlib import PurePath

from PIL import Image

try:
    from pillow_heif import register_heif_opener
except ImportError:  # an edge device may do without: then HEIC files can't be read there
    HEIF: tuple[str, ...] = ()
else:
    register_heif_opener()
    HEIF = ("HEIF",)

# What begins with bytes of its own: without them, as in TGA, any text could be taken for an image.
FORMATS = (
    *("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"),
    *("JPEG2000", "AVIF", "PPM", "PCX", "SGI", "QOI"),
    *HEIF,
)
HEIC = (".heic", ".heif", ".hif")
# Images that nobody here reads: of microscopes and scanners, of cameras, of medicine, of drawings.
FOREIGN = frozenset(
    (
        *(".czi", ".lif", ".nd2", ".vsi", ".oib", ".oif", ".oir", ".lsm", ".ims", ".zvi", ".svs"),
        *(".ndpi", ".ndpis", ".scn", ".mrxs", ".bif", ".qptiff", ".vms", ".vmu", ".isyntax"),
        *(".tmap", ".sld", ".stk", ".flex", ".ets", ".mvd2", ".ome", ".n5", ".h5", ".hdf5"),
        *(".dcm", ".dicom", ".nii", ".mha", ".mhd", ".nrrd", ".fits", ".fit", ".mat", ".npy"),
        *(".npz", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".orf", ".rw2"),
        *(".raf", ".dng", ".pef", ".x3f", ".3fr", ".raw", ".jxl", ".jxr", ".wdp", ".hdp", ".exr"),
        *(".hdr", ".psd", ".psb", ".xcf", ".ai", ".svg", ".eps", ".emf", ".wmf", ".tga", ".ico"),
        *(*HEIC, ".mp4", ".avi", ".mov", ".mkv", ".pdf"),
    )
)


def _suffixes() -> frozenset[str]:
    Image.init()
    return frozenset(
        suffix for suffix, kind in Image.registered_extensions().items() if kind in FORMATS
    )


READ = _suffixes() | {".jfif", ".jpe"}
MAGIC = 4096  # bytes that tell a format


def is_image(name: str, head: bytes = b"") -> bool:
    """Whether a file is an image that is read: by its suffix, else by its first MAGIC bytes.

    Args:
        head: looked at where the suffix is none of an image.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in READ:
        return True
    return not is_foreign(name) and bool(head) and _opens(head)


def is_foreign(name: str) -> bool:
    """Whether a file is an image, by its suffix, of a format that is not read."""
    suffix = PurePath(name).suffix.lower()
    return suffix in FOREIGN and suffix not in READ


def count_foreign(names: Sequence[str]) -> str:
    """How many images are of formats that are not read, and what would read them."""
    heic = not HEIF and any(name.lower().endswith(HEIC) for name in names)
    remedy = " (HEIC is, where pillow-heif is installed)" if heic else ""
    return f"images of formats that are not read: {len(names):,}{remedy}"


def _opens(head: bytes) -> bool:
    try:
        Image.open(io.BytesIO(head), formats=FORMATS)
    except Exception:  # anything, of bytes that are no image or end too soon
        return False
    return True
