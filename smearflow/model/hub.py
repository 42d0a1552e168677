"""A TF-Hub module as files: found, hashed, copied; without TensorFlow."""

import shutil
import tempfile
from pathlib import Path

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import tree_sha256
from smearflow.model.fetching import NAME_ONE, fetched, unpacked
from smearflow.params.model import Backbone

CACHE = Path("work/hub")  # of what was downloaded or unpacked, in the folder of a run
# What belongs to a SavedModel; anything else in its folder is a stray file.
_PARTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets")


def is_url(handle: str) -> bool:
    """Whether a module lies on another machine."""
    return "://" in handle


def find_module(handle: str, cache: Path) -> Path:
    """The folder of a module.

    Args:
        handle: URL of TF-Hub or of an archive, local folder, or local archive (.tar, .tar.gz), with
            the module at its top or in a folder.
        cache: folder for what is downloaded, once per URL, or unpacked, once per content.

    Raises:
        SmearflowError: nothing there, as `fetched` and `unpacked`, or no SavedModel in it.
    """
    if is_url(handle):
        folder = fetched(handle, cache)
    else:
        path = Path(handle).expanduser()
        if not path.exists():
            raise SmearflowError(f"backbone {handle} does not exist", NAME_ONE)
        folder = path if path.is_dir() else unpacked(path, cache)
    if not (folder / "saved_model.pb").is_file():
        raise SmearflowError(f"backbone {handle} holds no saved_model.pb", NAME_ONE)
    return folder


def require_pin(handle: str, settings: Backbone) -> None:
    """Check that what comes over the network is known, or that a person takes it as it comes.

    Raises:
        SmearflowError: neither.
    """
    if is_url(handle) and settings.backbone_sha256 is None and not settings.trust_unpinned:
        raise SmearflowError(
            f"backbone {handle} is a program from the network that nothing pins",
            "set model.backbone_sha256, or model.trust_unpinned to take what comes first, and pin "
            "that",
        )


def local_module_hash(handle: str) -> str:
    """`module_hash` of a module on this machine."""
    with tempfile.TemporaryDirectory() as cache:
        return module_hash(find_module(handle, Path(cache)))


def module_hash(folder: Path) -> str:
    """Hash of the names and contents of a module's files, stray ones left out; 64 hex digits."""
    return tree_sha256(folder, module_files(folder))


def module_files(folder: Path) -> list[Path]:
    """The files of a module, sorted."""
    return sorted(
        file
        for part in _PARTS
        for file in (folder / part, *(folder / part).rglob("*"))
        if file.is_file()
    )


def copy_module(folder: Path, target: Path) -> None:
    """Copy a module's files, without stray ones, to a new folder."""
    for file in module_files(folder):
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
