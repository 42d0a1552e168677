"""A TF-Hub feature extractor as a Keras 3 layer, and where its files come from.

TF-Hub's own Keras layer is a Keras 2 layer, which Keras 3 refuses. A module in TF-Hub's format (a
"reusable SavedModel") is an object with `__call__(inputs, training)`, `variables` and
`trainable_variables`, and that is all a layer needs.
"""

import os
import shutil
import socket
import tarfile
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import keras
import tensorflow as tf

from smearflow.errors import SmearflowError
from smearflow.files import file_sha256, tree_sha256
from smearflow.params import Model

FineTuning = Literal["frozen", "all"] | int

# What belongs to a SavedModel; anything else in its folder is a stray file.
_PARTS = ("saved_model.pb", "fingerprint.pb", "variables", "assets")
_INTERFACE = ("__call__", "variables", "trainable_variables")
_NAME_ONE = "name a folder or archive that holds the module: BACKBONE=<folder or archive>"
_SECONDS_WITHOUT_AN_ANSWER = 60


def backbone_of(settings: Model, root: Path) -> Path:
    """`resolve_backbone` for the module that the settings of a run in the folder `root` name."""
    return resolve_backbone(settings.backbone, settings.backbone_sha256, root / "work" / "hub")


def resolve_backbone(handle: str, sha256: str | None, cache: Path) -> Path:
    """The folder of a module.

    Args:
        handle: URL of TF-Hub or of an archive, local folder, or local archive (.tar, .tar.gz).
        sha256: what `backbone_hash` of the folder must be; None takes any.
        cache: folder for what was downloaded or unpacked; TFHUB_CACHE_DIR, if set, wins for URLs.

    Returns:
        A folder that holds saved_model.pb.

    Raises:
        SmearflowError: nothing there, no network, no SavedModel, or another hash.
    """
    folder = _locate(handle, cache)
    if not (folder / "saved_model.pb").is_file():
        raise SmearflowError(f"backbone {handle} holds no saved_model.pb", _NAME_ONE)
    found = backbone_hash(folder)
    if sha256 not in (None, found):
        raise SmearflowError(
            f"backbone {handle} has the hash {found}, not {sha256}",
            "name the module that was meant, or correct model.backbone_sha256",
        )
    return folder


def backbone_hash(folder: Path) -> str:
    """Hash of the names and contents of a module's files, stray ones left out; 64 hex digits."""
    return tree_sha256(folder, backbone_files(folder))


def backbone_files(folder: Path) -> list[Path]:
    """The files of a module, sorted."""
    return sorted(
        file
        for part in _PARTS
        for file in (folder / part, *(folder / part).rglob("*"))
        if file.is_file()
    )


def copy_backbone(folder: Path, target: Path) -> None:
    """Copy a module's files, without stray ones, to a new folder."""
    for file in backbone_files(folder):
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _locate(handle: str, cache: Path) -> Path:
    if "://" in handle:
        return _fetch(handle, cache)
    path = Path(handle).expanduser()
    if path.is_dir():
        return path
    if path.is_file():
        return _unpack(path, cache)
    raise SmearflowError(f"backbone {handle} does not exist", _NAME_ONE)


def _fetch(url: str, cache: Path) -> Path:
    os.environ.setdefault("TFHUB_CACHE_DIR", str(cache))
    try:
        with _impatient_sockets():
            return Path(_tensorflow_hub().resolve(url))
    except (OSError, RuntimeError, ValueError, tf.errors.OpError) as error:
        problem = f"backbone {url} cannot be fetched: {_first_line(error)}"
        raise SmearflowError(problem, _NAME_ONE) from error


@contextmanager
def _impatient_sockets() -> Iterator[None]:
    """TF-Hub sets no time limit of its own: a silent host would hold a run for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_SECONDS_WITHOUT_AN_ANSWER)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _unpack(archive: Path, cache: Path) -> Path:
    """Unpack once per content; the module may lie in a folder of the archive."""
    target = cache / file_sha256(archive)
    if not target.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            unpacked = Path(temporary) / "module"
            try:
                with tarfile.open(archive) as tar:
                    tar.extractall(unpacked, filter="data")
            except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
                problem = f"backbone {archive} cannot be unpacked: {_first_line(error)}"
                raise SmearflowError(problem, _NAME_ONE) from error
            unpacked.rename(target)
    found = sorted(target.rglob("saved_model.pb"))
    return found[0].parent if found else target


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(":")


def _tensorflow_hub() -> Any:
    with warnings.catch_warnings():  # of pkg_resources, about which a user can do nothing
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import tensorflow_hub
    return tensorflow_hub


class HubBackbone(keras.Layer):
    """A module in TF-Hub's format as a layer; BatchNorm stays in inference mode, in training too.

    The layer's weights are the module's own variables, in the module's order, so gradients,
    optimizers and saved weights reach them. It has no `get_config`: a SavedModel is a program, and
    `smearflow.model.store` keeps it as files beside the weights.

    Args:
        folder: of the SavedModel.
        fine_tuning: "frozen", "all", or the number of last layers to train. A layer is a name up to
            its last slash (`conv_1_bn` of `conv_1_bn/gamma`) that has trainable variables, in the
            order the module lists them, which is that of creation.

    Raises:
        SmearflowError: no reusable SavedModel, or it has fewer layers than should be trained.
    """

    def __init__(self, folder: Path, fine_tuning: FineTuning = "all") -> None:
        super().__init__(name="backbone")
        self.folder = folder
        self._module = _load(folder)
        trained = set(_trained_layers(self._module, fine_tuning))
        trainable = {variable.ref() for variable in self._module.trainable_variables}
        for variable in self._module.variables:
            self._adopt(variable, variable.ref() in trainable and _layer_of(variable) in trained)
        self._build_at_init()

    def _adopt(self, variable: tf.Variable, trainable: bool) -> None:
        """Track the very variable that the module's functions read.

        A Keras variable whose initializer is a tf.Variable wraps it instead of copying it.
        """
        wrapper = keras.Variable(
            initializer=variable,
            shape=variable.shape,
            dtype=variable.dtype,
            trainable=trainable,
            # Keras allows no slash in a name, and optimizers none of ":0" in their scopes.
            name=variable.name.split(":")[0].replace("/", "_"),
        )
        self._track_variable(wrapper)

    def call(self, pixels: Any) -> Any:
        """Features [batch, D] of pixels float32 [batch, height, width, 3] in the module's range."""
        return self._module(pixels, training=False)


def _load(folder: Path) -> Any:
    try:
        module = _tensorflow_hub().load(str(folder))
    except (OSError, ValueError, tf.errors.OpError) as error:
        problem = f"backbone {folder} cannot be loaded: {_first_line(error)}"
        raise SmearflowError(problem, _NAME_ONE) from error
    missing = [name for name in _INTERFACE if not hasattr(module, name)]
    if missing or not callable(module):
        raise SmearflowError(
            f"backbone {folder} is no reusable SavedModel (no {', '.join(missing or _INTERFACE)})",
            "choose a TF2 feature vector",
        )
    return module


def _layer_of(variable: tf.Variable) -> str:
    return variable.name.rpartition("/")[0]


def _trained_layers(module: Any, fine_tuning: FineTuning) -> list[str]:
    layers = list(dict.fromkeys(_layer_of(variable) for variable in module.trainable_variables))
    if fine_tuning == "frozen":
        return []
    if fine_tuning == "all":
        return layers
    if fine_tuning > len(layers):
        raise SmearflowError(
            f"the backbone has {len(layers)} layers, fewer than trainable: {fine_tuning}",
            "lower it, or set trainable: all",
        )
    return layers[-fine_tuning:]
