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

_REASONS = {"extra_forbidden": "there is no such key", "missing": "the key is missing"}


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

    @model_validator(mode="after")
    def _two_classes(self) -> Self:
        if self.positive == self.negative:
            raise ValueError("positive and negative have the same name")
        return self

    @property
    def classes(self) -> tuple[str, str]:
        """Class names in the order of the model's outputs: negative, positive."""
        return (self.negative, self.positive)


Bits = Annotated[int, Field(ge=8, le=16)]


class Source(Settings):
    """One origin of labelled cells.

    Attributes:
        corrects: its labels replace those that sources before it give the same images; without
            it, two labels of one image are an error.
        bits: of the samples of images that store more than 8; None: by their tags, or measured.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    kind: Literal["sample", "nih", "folder"]
    location: str | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    bytes: Annotated[int, Field(gt=0)] | None = None
    patient_pattern: str | None = None
    corrects: bool = False
    bits: Bits | None = None
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


Quarantine = Literal["none", "critical", "all"]


class Validate(Settings):
    """What happens to images that fail expectations.

    Attributes:
        examples: failing files shown and listed per expectation; offenders.csv has all.
        quarantine: which failing images are left out instead of stopping the run: those that fail
            critical expectations, or any.
        most_quarantined: share of the images; more than that stop the run after all.
    """

    examples: Annotated[int, Field(ge=1)]
    quarantine: Quarantine
    most_quarantined: Annotated[float, Field(gt=0, lt=1)]


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


class Range(Settings):
    """Values between two bounds, on a linear or a logarithmic scale; both bounds belong to it."""

    low: float
    high: float
    sampling: Literal["linear", "log"] = "linear"

    @model_validator(mode="after")
    def _has_values(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low {self.low:g} must be below high {self.high:g}")
        if self.sampling == "log" and self.low <= 0:
            raise ValueError("a logarithmic range must be above 0")
        return self

    @property
    def bounds(self) -> tuple[float, float]:
        """low and high."""
        return (self.low, self.high)


Varied = dict[str, Range | Values]
"""Fields of a configuration, and the values they are given."""


class Held(Settings):
    """A value that an experiment does not vary, and why not."""

    value: Any
    because: Annotated[str, Field(min_length=1)]


class Experiment(Settings):
    """A question, and the runs that answer it.

    Attributes:
        scientific: compared; ranges are for questions about several parameters at once.
        nuisance: optimised away for each scientific value before comparing.
        ablations: a name and settings each, compared with a run in which nothing is changed.
        fixed: held at a value of the experiment's own.
        seeds: of the repetitions of every setting.
        budget: the most runs, repetitions included. Where a full grid needs more, or a parameter
            has a range, settings are drawn quasi-randomly.
        train_fraction: of the training patients.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")]
    question: Annotated[str, Field(pattern=r"\S")]
    scientific: Varied = {}
    nuisance: Varied = {}
    ablations: dict[str, dict[str, Any]] = {}
    fixed: dict[str, Held] = {}
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    budget: Annotated[int, Field(ge=1)]
    train_fraction: Fraction

    @property
    def held(self) -> dict[str, Any]:
        """The values of `fixed`."""
        return {name: held.value for name, held in self.fixed.items()}

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.scientific and not self.ablations:
            raise ValueError("has neither scientific parameters nor ablations: nothing is compared")
        if self.ablations and (self.scientific or self.nuisance):
            raise ValueError("ablations change one setting each: move other parameters to fixed")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed is named twice")
        return self

    @model_validator(mode="after")
    def _roles_are_disjoint_and_known(self) -> Self:
        roles = [*self.scientific, *self.nuisance, *self.fixed]
        for name in roles:
            if name not in Configuration.model_fields:
                raise ValueError(f"{name} is no parameter of a configuration")
            if roles.count(name) > 1:
                raise ValueError(f"{name} has two roles")
        _check_varied(self.scientific | self.nuisance)
        for settings in (self.held, *self.ablations.values()):
            _check_setting(settings)
        return self


def _check_varied(varied: Varied) -> None:
    for name, values in varied.items():
        for value in values.bounds if isinstance(values, Range) else values:
            _check_setting({name: value})


def _check_setting(settings: dict[str, Any]) -> None:
    """Raise ValueError, in one line, for settings that no configuration can have."""
    try:
        Configuration.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{first['loc'][0]} {first['input']!r}: {first['msg']}") from error


class Explore(Settings):
    """The experiments, in order."""

    experiments: Annotated[tuple[Experiment, ...], Field(min_length=1)]


class Tune(Settings):
    """Bayesian optimisation in the space that exploration wrote.

    Attributes:
        at_once: trials proposed together; it decides which, so it is a setting of its own.
        space: ranges and choices of a person's own; they win over what exploration found.
        seed: 0 would be drawn at random by Keras Tuner.
    """

    trials: Annotated[int, Field(ge=1)]
    at_once: Annotated[int, Field(ge=1)]
    epochs: Annotated[int, Field(ge=1)]
    train_fraction: Fraction
    seed: Annotated[int, Field(ge=1)]
    space: Varied = {}

    @field_validator("space")
    @classmethod
    def _known(cls, space: Varied) -> Varied:
        _check_varied(space)
        return space


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
    """Windows of incoming cells.

    Attributes:
        least_cells: a window needs for a verdict.
        bits: of the samples of images that store more than 8; None: by their tags, or measured
            over the window.
    """

    least_cells: Annotated[int, Field(ge=1)]
    bits: Bits | None = None


class Crossval(Settings):
    """Patient-disjoint cross-validation of one configuration."""

    folds: Annotated[int, Field(ge=2)]
    seed: Annotated[int, Field(ge=1)]
    configuration: Configuration


class Engine(Settings):
    """Where runs go on, and how many at the same time; no result depends on it.

    Attributes:
        workers: processes on this machine; None: one per core.
        scheduler: address of a Dask scheduler, whose workers then take their place.
    """

    workers: Annotated[int, Field(ge=1)] | None
    scheduler: Annotated[str, Field(pattern=r"^(tcp|tls|ucx|ws|wss)://\S+:\d+$")] | None


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
    try:
        return Params.model_validate(load_yaml(path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the top level"
        reason = _REASONS.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise SmearflowError(
            f"{path}: {key}: {reason}", "correct that key (profiles/ holds complete examples)"
        ) from error


def texts_wanted(settings: Any) -> set[str]:
    """Dotted keys at which settings have something else than the text that belongs there."""
    try:
        Params.model_validate(settings)
    except ValidationError as error:
        return {
            ".".join(str(part) for part in each["loc"])
            for each in error.errors(include_url=False)
            if each["type"] == "string_type"
        }
    return set()


def load_yaml(path: Path) -> Any:
    """The content of a parameter file, whatever its keys are.

    Raises:
        SmearflowError: the file is missing or is no YAML.
    """
    if not path.is_file():
        raise SmearflowError(
            f"{path} does not exist",
            "bring it back, or, for a new run, copy a file of profiles/ there",
        )
    try:
        return YAML(typ="safe").load(path)
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" line {where.line + 1}" if where else ""
        raise SmearflowError(f"{path}{line} is not YAML", "correct the syntax") from error
    except ValueError as error:  # a scalar of a known form, such as a date, with an absurd value
        raise SmearflowError(f"{path} is not YAML: {error}", "correct that value") from error


def fingerprint(value: Any) -> str:
    """sha256 of a JSON-able value or of settings, the same in every process; 64 hex digits."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
