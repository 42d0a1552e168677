"""The section `explore`: experiments, and the spaces of configurations they vary."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from smearflow.ground.settings import Fraction, Settings
from smearflow.params.model import Configuration, Given, Setting

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


def check_varied(varied: Varied) -> None:
    """Raise ValueError, in one line, for values that no configuration can have."""
    for name, values in varied.items():
        for value in values.bounds if isinstance(values, Range) else values:
            check_setting({name: value})


def check_setting(settings: Setting) -> None:
    """Raise ValueError, in one line, for settings that no configuration can have."""
    try:
        Configuration.model_validate(settings)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{first['loc'][0]} {first['input']!r}: {first['msg']}") from error


Text = Annotated[str, Field(pattern=r"\S")]


class Experiment(Settings):
    """The runs that answer a question.

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
    scientific: Varied = Field(default_factory=dict)
    nuisance: Varied = Field(default_factory=dict)
    ablations: dict[str, Given] = Field(default_factory=dict)
    fixed: Given = Field(default_factory=dict)
    seeds: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=1)]
    budget: Annotated[int, Field(ge=1)]
    train_fraction: Fraction

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
        check_varied(self.scientific | self.nuisance)
        for settings in (self.fixed, *self.ablations.values()):
            check_setting(settings)
        return self


class Experiments(Settings):
    """The experiments, in order: all that runs depend on."""

    experiments: Annotated[tuple[Experiment, ...], Field(min_length=1)]


class Words(Settings):
    """What an experiment asks, in a person's words.

    Attributes:
        question: that its runs answer.
        because: why each fixed parameter is held where it is.
    """

    question: Text
    because: dict[str, Text] = Field(default_factory=dict)


class Exploration(Experiments):
    """The experiments, and what their runs are judged by.

    Attributes:
        validation_cells: of each validation patient at most; None: all. Each epoch ends with a look
            at them, and every patient counts the same, however many cells there are.
    """

    validation_cells: Annotated[int, Field(ge=1)] | None = None


class Explore(Exploration):
    """An exploration, and the words for each experiment: other words run nothing anew."""

    words: dict[str, Words]

    @model_validator(mode="after")
    def _every_experiment_has_its_words(self) -> Self:
        fixed = {each.name: set(each.fixed) for each in self.experiments}
        if unknown := self.words.keys() - fixed:
            raise ValueError(f"words.{min(unknown)}: there is no such experiment")
        for name, held in fixed.items():
            if name not in self.words:
                raise ValueError(f"words.{name} is missing: say what the experiment asks")
            reasons = self.words[name].because.keys()
            if unsaid := held - reasons:
                raise ValueError(f"words.{name}.because.{min(unsaid)} is missing: why it is fixed")
            if unfixed := reasons - held:
                raise ValueError(
                    f"words.{name}.because.{min(unfixed)}: the experiment does not fix it"
                )
        return self
