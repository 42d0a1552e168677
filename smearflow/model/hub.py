"""A TF-Hub module as files: found on this machine, hashed, copied; without TensorFlow."""

import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path

from smearflow.ground.errors import SmearflowError, first_line
from smearflow.ground.files import file_sha256, tree_sha256

# What belongs to a SavedModel; anything else in its folder is a stray file.
_PARTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets")
NAME_ONE = "name a folder or archive that holds the module: BACKBONE=<folder or archive>"


def local_module(handle: str, cache: Path) -> Path:
    """The folder of a module on this machine.

    Args:
        handle: folder, or archive (.tar, .tar.gz) with the module at its top or in a folder.
        cache: folder for what is unpacked, once per content.

    Raises:
        SmearflowError: nothing there, a damaged archive, or no SavedModel in it.
    """
    path = Path(handle).expanduser()
    if not path.exists():
        raise SmearflowError(f"backbone {handle} does not exist", NAME_ONE)
    folder = path if path.is_dir() else _unpack(path, cache)
    require_saved_model(folder, handle)
    return folder


def require_saved_model(folder: Path, handle: str) -> None:
    """Check that a folder holds a SavedModel.

    Raises:
        SmearflowError: it does not; the message names the handle.
    """
    if not (folder / "saved_model.pb").is_file():
        raise SmearflowError(f"backbone {handle} holds no saved_model.pb", NAME_ONE)


def local_module_hash(handle: str) -> str:
    """`module_hash` of what `local_module` finds."""
    with tempfile.TemporaryDirectory() as cache:
        return module_hash(local_module(handle, Path(cache)))


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


def _unpack(archive: Path, cache: Path) -> Path:
    target = cache / file_sha256(archive)
    if not target.is_dir():
        new = target.with_name(target.name + ".new")
        shutil.rmtree(new, ignore_errors=True)  # a kill may have left part of it
        new.mkdir(parents=True)
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(new, filter="data")
        except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
            shutil.rmtree(new)
            problem = f"backbone {archive} cannot be unpacked: {first_line(error)}"
            raise SmearflowError(problem, NAME_ONE) from error
        new.rename(target)
    found = sorted(target.rglob("saved_model.pb"))
    return found[0].parent if found else target
