"""params.yaml as typed, validated, frozen settings.

One class per section; sections have the names of the stages that read them, `problem` and `model`
are shared by several. An unknown key, a wrong type or a value out of range is an error that names
the key.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from smearflow.errors import SmearflowError

Fraction = Annotated[float, Field(gt=0, le=1)]
Metric = Literal[
    "accuracy", "sensitivity", "specificity", "precision", "f1", "mcc", "roc_auc", "pr_auc"
]


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Targets(Settings):
    """The least value of each metric that counts as met, per side of the split."""

    validation: dict[Metric, Fraction]
    test: dict[Metric, Fraction]


class Problem(Settings):
    """The question the run answers and when its answer is good enough."""

    question: str
    positive: str
    negative: str
    primary_metric: Metric
    targets: Targets
    required_sensitivity: Fraction

    @property
    def classes(self) -> tuple[str, str]:
        """Class names in the order of the model's outputs: negative, positive."""
        return (self.negative, self.positive)


class Source(Settings):
    """One origin of labelled cells."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    kind: Literal["sample", "nih", "folder"]
    location: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    bytes: Annotated[int, Field(gt=0)] | None = None
    patient_pattern: str | None = None
    seed: Annotated[int, Field(ge=0)] = 1  # this and the next two: sample only
    patients: Annotated[int, Field(ge=2, le=999)] = 60
    cells: Annotated[int, Field(ge=2)] = 2400

    @field_validator("patient_pattern")
    @classmethod
    def _names_a_patient(cls, pattern: str | None) -> str | None:
        if pattern is None:
            return None
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"not a regular expression: {error}") from error
        if "patient" not in groups:
            raise ValueError("has no group (?P<patient>...)")
        return pattern

    @model_validator(mode="after")
    def _can_be_rendered(self) -> Self:
        if self.kind == "sample" and self.location is not None:
            raise ValueError("a sample is rendered and has no location: set kind to nih or folder")
        if self.kind == "sample" and self.cells < self.patients:
            raise ValueError(f"{self.cells} cells are too few for {self.patients} patients")
        return self


class Ingest(Settings):
    """Where the cells come from."""

    sources: Annotated[tuple[Source, ...], Field(min_length=1)]

    @field_validator("sources")
    @classmethod
    def _unique_names(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [source.name for source in sources]
        if len(set(names)) < len(names):
            raise ValueError("two sources have the same name")
        return sources


class Validate(Settings):
    """How failures of the expectations are reported."""

    examples: Annotated[int, Field(ge=1)]


class Floors(Settings):
    """The least that each class needs on each side of the split."""

    cells: Annotated[int, Field(ge=1)]
    patients: Annotated[int, Field(ge=1)]


class Split(Settings):
    """Shares of the patients held out, and the size in pixels the images are packed at."""

    image_size: Annotated[int, Field(ge=32, le=512)]
    validation: Annotated[float, Field(gt=0, lt=0.5)]
    test: Annotated[float, Field(gt=0, lt=0.5)]
    floors: Floors


class Configuration(Settings):
    """Everything that decides one training run, apart from data, backbone and seed."""

    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 2e-4
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9  # sgd only
    hidden_units: Annotated[int, Field(ge=1, le=4096)] = 100
    hidden_activation: Literal["linear", "relu", "gelu", "tanh"] = "linear"
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    trainable: Literal["frozen", "all"] | Annotated[int, Field(ge=1)] = "all"  # int: last N layers
    augment: bool = True  # the eight symmetries of the square
    stain_jitter: Annotated[float, Field(ge=0, le=1)] = 0.0  # of optical density, per channel
    brightness_jitter: Annotated[float, Field(ge=0, le=1)] = 0.0
    batch_size: Annotated[int, Field(ge=1)] = 64
    epochs: Annotated[int, Field(ge=1)] = 10
    early_stopping_patience: Annotated[int, Field(ge=1)] = 4
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.3
    plateau_patience: Annotated[int, Field(ge=1)] = 2


class Model(Settings):
    """The backbone and the configuration every stage starts from."""

    backbone: str
    backbone_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    input_range: tuple[float, float]
    configuration: Configuration


Values = Annotated[tuple[Any, ...], Field(min_length=1)]


class Experiment(Settings):
    """A question, the parameters compared for it, and those optimised away before comparing."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    question: str
    scientific: Annotated[dict[str, Values], Field(min_length=1)]
    nuisance: dict[str, Values] = {}
    fixed: dict[str, Any] = {}
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    train_fraction: Fraction

    @model_validator(mode="after")
    def _roles_are_disjoint_and_known(self) -> Self:
        roles = [*self.scientific, *self.nuisance, *self.fixed]
        for name in roles:
            if name not in Configuration.model_fields:
                raise ValueError(f"{name} is no parameter of a configuration")
            if roles.count(name) > 1:
                raise ValueError(f"{name} has two roles")
        for name, values in (self.scientific | self.nuisance).items():
            for value in values:
                Configuration.model_validate({name: value})
        Configuration.model_validate(self.fixed)
        return self


class Explore(Settings):
    """The experiments, in order."""

    experiments: Annotated[tuple[Experiment, ...], Field(min_length=1)]


class Tune(Settings):
    """Bayesian optimisation in the space that exploration wrote."""

    trials: Annotated[int, Field(ge=1)]
    at_once: Annotated[int, Field(ge=1)]  # proposed together; it decides which, so it is a setting
    epochs: Annotated[int, Field(ge=1)]
    train_fraction: Fraction
    seed: Annotated[int, Field(ge=1)]  # 0 would be drawn at random by Keras Tuner


class Train(Settings):
    """The final training; `configuration` overrides single values of tune's best."""

    epochs: Annotated[int, Field(ge=1)]
    early_stopping_patience: Annotated[int, Field(ge=1)]
    seed: Annotated[int, Field(ge=1)]
    configuration: dict[str, Any]

    @field_validator("configuration")
    @classmethod
    def _known(cls, values: dict[str, Any]) -> dict[str, Any]:
        Configuration.model_validate(values)
        return values


class Export(Settings):
    """The edge model: int8 is chosen if it agrees with the Keras model often enough."""

    calibration_cells: Annotated[int, Field(ge=1)]
    least_agreement: Fraction


class Evaluate(Settings):
    """The look at the test set."""

    bootstrap_samples: Annotated[int, Field(ge=100)]
    seed: Annotated[int, Field(ge=1)]
    despite_missed_targets: bool


class Baseline(Settings):
    """Calibration of the drift limits on resampled patients of the baseline."""

    resamples: Annotated[int, Field(ge=10)]
    false_alarm_rate: Annotated[float, Field(gt=0, lt=0.5)]
    seed: Annotated[int, Field(ge=1)]


class Monitor(Settings):
    """The least number of cells a window needs for a verdict."""

    least_cells: Annotated[int, Field(ge=1)]


class Crossval(Settings):
    """Patient-disjoint cross-validation of one configuration."""

    folds: Annotated[int, Field(ge=2)]
    seed: Annotated[int, Field(ge=1)]
    configuration: Configuration


class Engine(Settings):
    """How many runs go on at the same time; no result depends on it."""

    workers: Annotated[int, Field(ge=1)] | None


class Params(Settings):
    """The whole of params.yaml."""

    problem: Problem
    ingest: Ingest
    validate_: Annotated[Validate, Field(alias="validate")]
    split: Split
    model: Model
    explore: Explore
    tune: Tune
    train: Train
    export: Export
    evaluate: Evaluate
    baseline: Baseline
    monitor: Monitor
    crossval: Crossval
    engine: Engine


def load_params(path: Path) -> Params:
    """Read and validate a parameter file.

    Raises:
        SmearflowError: the file is missing, is no YAML, or holds an unknown, missing or wrong key;
            the message names the key.
    """
    if not path.is_file():
        raise SmearflowError(f"{path} does not exist", "copy a file of profiles/ there")
    try:
        return Params.model_validate(YAML(typ="safe").load(path))
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        raise SmearflowError(f"{path}{line} is not YAML", "correct the syntax") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the top level"
        raise SmearflowError(
            f"{path}: {key}: {first['msg']}", "correct that key (profiles/ holds complete examples)"
        ) from error


def fingerprint(value: Any) -> str:
    """sha256 of a JSON-able value or of settings, the same in every process; 64 hex digits."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
