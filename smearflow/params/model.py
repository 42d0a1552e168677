"""The section `model`: the backbone, and what every run starts from."""

from typing import Annotated, Literal

from pydantic import Field, SkipValidation

from smearflow.ground.settings import Settings


class Configuration(Settings):
    """Everything that decides one training run, apart from data, backbone and seed."""

    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 2e-4
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9  # sgd only
    weight_decay: Annotated[float, Field(ge=0, le=1)] = (
        0.0  # decoupled, of kernels; per step x rate
    )
    gradient_clip: Annotated[float, Field(gt=0)] | None = None  # the largest global norm
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0  # in training only
    hidden_units: Annotated[int, Field(ge=1, le=4096)] = 100
    hidden_activation: Literal["linear", "relu", "gelu", "tanh"] = "linear"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    trainable: Literal["frozen", "all"] | Annotated[int, Field(ge=1)] = "all"  # int: last N layers
    augment: bool = True  # the eight symmetries of the square
    stain_jitter: Annotated[float, Field(ge=0, le=1)] = 0.0  # of optical density, per channel
    brightness_jitter: Annotated[float, Field(ge=0, le=1)] = 0.0
    ground_paint: Annotated[float, Field(ge=0, le=1)] = 0.0  # share of cells on another ground
    batch_size: Annotated[int, Field(ge=1)] = 64
    epochs: Annotated[int, Field(ge=1)] = 10
    # cosine: to 0 over all epochs, no early stopping; plateau: falls and stops by validation loss
    schedule: Literal["plateau", "cosine"] = "plateau"
    warmup_steps: Annotated[int, Field(ge=0)] = 0  # from 0 to the rate, at most half of the run
    early_stopping_patience: Annotated[int, Field(ge=1)] = 4
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.3
    plateau_patience: Annotated[int, Field(ge=1)] = 2


Value = bool | int | float | str | None
"""Of one field of a configuration, as JSON has it: a whole number stays one."""

Setting = dict[str, Value]
"""Values of some fields of a configuration."""

Given = dict[str, Annotated[Value, SkipValidation]]
"""A `Setting` as a person wrote it: what does not fit a field, its `Configuration` says best."""


class Backbone(Settings):
    """The pretrained network, and the pixels it expects.

    Attributes:
        backbone: URL, or a folder or archive inside the project.
        backbone_sha256: of its files; None takes any on this machine, and from a URL only with:
        trust_unpinned: what a URL gives the first time is taken unseen; a flow then pins it.
        input_range: what the module expects for 0 and 255.
    """

    backbone: str
    backbone_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    trust_unpinned: bool = False
    input_range: tuple[float, float]


class Learning(Backbone):
    """What learns, and what counts in the loss it learns by.

    Attributes:
        least_class_share: of the weights of the training cells: where a class is rarer than this,
            its cells weigh more, so that it counts as this share; 0: never.
    """

    least_class_share: Annotated[float, Field(ge=0, le=0.5)] = 0.2


class Start(Settings):
    """What every run starts from."""

    configuration: Configuration


class Model(Learning, Start):
    """What learns and by what loss, and the configuration that every run starts from."""


class Length(Settings):
    """How many epochs the final training has, of the section `train`."""

    epochs: Annotated[int, Field(ge=1)]


class Ending(Length):
    """Also after how many epochs without a gain it stops."""

    early_stopping_patience: Annotated[int, Field(ge=1)]
