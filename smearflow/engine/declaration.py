"""A space, declared to Keras Tuner."""

import json
from collections.abc import Mapping

import keras_tuner

from smearflow.params.model import Configuration, Value
from smearflow.records.search.dimensions import Choice, Dimension


class Declaration:
    """Declares a space to Keras Tuner and reads configurations from what it proposes.

    Args:
        base: values of all fields that the space leaves alone.
        parameters: the fields to search, and their values; none of them is a space of one point.
    """

    def __init__(self, base: Configuration, parameters: Mapping[str, Dimension]) -> None:
        self._base = base
        self._parameters = parameters

    @property
    def parameters(self) -> Mapping[str, Dimension]:
        """The fields to search, and their values."""
        return self._parameters

    def within(self, parameters: Mapping[str, Dimension]) -> "Declaration":
        """The same for other values of the fields."""
        return Declaration(self._base, parameters)

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """The space."""
        hp = keras_tuner.HyperParameters()
        self.configuration(hp)
        return hp

    def configuration(self, hp: keras_tuner.HyperParameters) -> Configuration:
        """The whole configuration that `hp` proposes; what it does not know yet is declared."""
        # in an order of its own, as Keras Tuner draws in the order of declaration
        proposed = {name: _value(hp, name, each) for name, each in sorted(self._parameters.items())}
        return Configuration.model_validate(self._base.model_dump() | proposed)


def _value(hp: keras_tuner.HyperParameters, name: str, values: Dimension) -> Value:
    """What `hp` holds. Choices are held as JSON: Keras Tuner refuses lists of mixed types."""
    found: Value
    if isinstance(values, Choice):
        texts = [json.dumps(value) for value in values.values]
        # one value is no dimension of the search
        text = hp.Choice(name, texts) if len(texts) > 1 else hp.Fixed(name, texts[0])
        found = json.loads(text)
    elif values.kind == "int":
        found = hp.Int(name, int(values.low), int(values.high), sampling=values.sampling)
    else:
        found = hp.Float(name, values.low, values.high, sampling=values.sampling)
    return found
