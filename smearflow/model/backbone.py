"""A TF-Hub feature extractor as a Keras 3 layer, and where its files come from.

TF-Hub's own Keras layer is a Keras 2 layer, which Keras 3 refuses. A module in TF-Hub's format (a
"reusable SavedModel") is an object with `__call__(inputs, training)`, `variables` and
`trainable_variables`, and that is all a layer needs.
"""

import warnings
from pathlib import Path
from typing import Any, Literal

from smearflow.ground.errors import SmearflowError, first_line
from smearflow.model.audit import audit_module
from smearflow.model.fetching import NAME_ONE
from smearflow.model.hub import CACHE, find_module, module_hash, require_pin
from smearflow.model.quiet import keras, tf
from smearflow.params.machine import Locations
from smearflow.params.model import Backbone

FineTuning = Literal["frozen", "all"] | int

_INTERFACE = ("__call__", "variables", "trainable_variables")
_CHOOSE = "choose a TF2 feature vector of images"


def backbone_of(settings: Backbone, root: Path, locations: Locations) -> Path:
    """`resolve_backbone` for the module that the settings of a run in the folder `root` name.

    Raises:
        SmearflowError: as `resolve_backbone`; or nothing says what the module's content must be.
    """
    place = locations.get("backbone")
    if place and settings.backbone_sha256 is None:
        raise SmearflowError(
            f"locations.backbone is {place}, but the backbone is not pinned",
            "set model.backbone_sha256 in params.yaml, as `make run BACKBONE=` does",
        )
    handle = place or settings.backbone
    require_pin(handle, settings)
    return resolve_backbone(handle, settings.backbone_sha256, root / CACHE)


def resolve_backbone(handle: str, sha256: str | None, cache: Path) -> Path:
    """The folder of a module.

    Args:
        handle: as of `find_module`.
        sha256: what `module_hash` of the folder must be; None takes any.
        cache: folder for what was downloaded or unpacked.

    Returns:
        A folder that holds saved_model.pb.

    Raises:
        SmearflowError: as `find_module`, or another hash.
    """
    folder = find_module(handle, cache)
    found = module_hash(folder)
    if sha256 not in (None, found):
        raise SmearflowError(
            f"backbone {handle} has the hash {found}, not {sha256}",
            "name the module that was meant, or correct model.backbone_sha256",
        )
    return folder


def _tensorflow_hub() -> Any:
    with warnings.catch_warnings():  # of pkg_resources, about which a user can do nothing
        warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
        import tensorflow_hub
    return tensorflow_hub


class HubBackbone(keras.Layer):
    """A module in TF-Hub's format as a layer; BatchNorm stays in inference mode, in training too.

    The layer's weights are the module's own variables, in the module's order, so gradients,
    optimizers and saved weights reach them. It has no `get_config`: a SavedModel is a program, and
    `smearflow.trained.store` keeps it as files beside the weights.

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
        self._adopted = [  # Keras takes what is in it for weights of the layer
            _adopt(variable, variable.ref() in trainable and _layer_of(variable) in trained)
            for variable in self._module.variables
        ]
        self._start = [variable.numpy() for variable in self.trainable_variables]
        self.built = True

    def restore(self) -> None:
        """Give the trained weights the values they were loaded with."""
        for variable, value in zip(self.trainable_variables, self._start, strict=True):
            variable.assign(value)

    def features(self, pixels: keras.KerasTensor) -> keras.KerasTensor:
        """The symbolic output [batch, D] for input [batch, height, width, 3] in the module's range.

        Raises:
            SmearflowError: the module takes no such images, or makes something else of them.
        """
        size = f"{pixels.shape[1]} x {pixels.shape[2]}"
        try:
            features = self(pixels)
        except Exception as error:  # a module is a program
            raise SmearflowError(
                f"backbone {self.folder} takes no RGB images of {size} pixels",
                f"{_CHOOSE}, or the split.image_size that it takes",
            ) from error
        shape: tuple[int | None, ...] = getattr(features, "shape", ())
        if len(shape) != 2 or shape[1] is None:
            raise SmearflowError(
                f"backbone {self.folder} makes no vector of features of an image "
                f"(shape {shape or 'unknown'})",
                _CHOOSE,
            )
        return features

    def call(self, pixels: Any) -> Any:
        """Features [batch, D] of pixels float32 [batch, height, width, 3] in the module's range."""
        return self._module(pixels, training=False)


def _adopt(variable: tf.Variable, trainable: bool) -> keras.Variable:
    """The very variable that the module's functions read, as one of Keras.

    A Keras variable whose initializer is a tf.Variable wraps it instead of copying it.
    """
    return keras.Variable(
        initializer=variable,
        shape=variable.shape,
        dtype=variable.dtype,
        trainable=trainable,
        # Keras allows no slash in a name, and optimizers none of ":0" in their scopes.
        name=variable.name.split(":")[0].replace("/", "_"),
    )


def _load(folder: Path) -> Any:
    audit_module(folder)
    try:
        module = _tensorflow_hub().load(str(folder))
    except Exception as error:  # TensorFlow raises anything on damaged files
        problem = f"backbone {folder} cannot be loaded: {first_line(error)}"
        raise SmearflowError(problem, NAME_ONE) from error
    missing = [name for name in _INTERFACE if not hasattr(module, name)]
    if missing or not callable(module):
        raise SmearflowError(
            f"backbone {folder} is no reusable SavedModel (no {', '.join(missing or _INTERFACE)})",
            _CHOOSE,
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
