"""The space of a search as Keras Tuner sees it."""

import json
from collections.abc import Mapping

import keras_tuner

from smearflow.params.explore import Range, Values, Varied
from smearflow.params.model import Configuration
from smearflow.records.search.space import Choice, Dimension, Interval


def locked(parameters: Mapping[str, Dimension], own: Varied) -> dict[str, Dimension]:
    """A space in which what a person wrote takes the place of what was found."""
    return {**parameters, **{name: _dimension(name, values) for name, values in own.items()}}


def _dimension(name: str, values: Range | Values) -> Dimension:
    if not isinstance(values, Range):
        return Choice(values=values)
    whole = Configuration.model_fields[name].annotation is int
    return Interval(
        kind="int" if whole else "float",
        low=values.low,
        high=values.high,
        sampling=values.sampling,
    )


class MobileNetHyperModel:
    """Declares a space to Keras Tuner and reads configurations from what it proposes.

    It builds no network, as a HyperModel of Keras Tuner does: trials train in worker processes,
    which are handed configurations.

    Args:
        base: values of all fields that the space leaves alone.
        parameters: the fields to search, and their values.
    """

    def __init__(self, base: Configuration, parameters: Mapping[str, Dimension]) -> None:
        self._base = base
        self._parameters = parameters

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """The space. Choices are held as JSON: Keras Tuner refuses lists of mixed types."""
        hp = keras_tuner.HyperParameters()
        for name, values in sorted(self._parameters.items()):
            if isinstance(values, Choice):
                _declare_choice(hp, name, values)
            elif values.kind == "int":
                hp.Int(name, int(values.low), int(values.high), sampling=values.sampling)
            else:
                hp.Float(name, values.low, values.high, sampling=values.sampling)
        return hp

    def configuration(self, hp: keras_tuner.HyperParameters) -> Configuration:
        """The whole configuration of a trial."""
        sampled = {
            name: json.loads(hp.get(name)) if isinstance(values, Choice) else hp.get(name)
            for name, values in self._parameters.items()
        }
        return Configuration.model_validate(self._base.model_dump() | sampled)


def _declare_choice(hp: keras_tuner.HyperParameters, name: str, choice: Choice) -> None:
    values = [json.dumps(value) for value in choice.values]
    if len(values) > 1:
        hp.Choice(name, values)
    else:  # no dimension of the search
        hp.Fixed(name, values[0])
