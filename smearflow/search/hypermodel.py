"""The space of a search as Keras Tuner sees it."""

import json
from typing import Any

import keras_tuner

from smearflow.params.explore import Range, Values, Varied
from smearflow.params.model import Configuration

Space = dict[str, dict[str, Any]]
"""Per field of a configuration: kind float or int (low, high, sampling), or choice (values)."""


def locked(space: Space, own: Varied) -> Space:
    """A space in which what a person wrote takes the place of what was found."""
    return space | {name: _entry(name, values) for name, values in own.items()}


def _entry(name: str, values: Range | Values) -> dict[str, Any]:
    if not isinstance(values, Range):
        return {"kind": "choice", "values": list(values)}
    kind = "int" if Configuration.model_fields[name].annotation is int else "float"
    return {"kind": kind, **values.model_dump()}


class MobileNetHyperModel:
    """Declares a space to Keras Tuner and reads configurations from what it proposes.

    It builds no network, as a HyperModel of Keras Tuner does: trials train in worker processes,
    which are handed configurations.

    Args:
        base: values of all fields that the space leaves alone.
        space: the fields to search.
    """

    def __init__(self, base: Configuration, space: Space) -> None:
        self._base = base
        self._space = space

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """The space. Choices are held as JSON: Keras Tuner refuses lists of mixed types."""
        hp = keras_tuner.HyperParameters()
        for name, entry in sorted(self._space.items()):
            if entry["kind"] == "float":
                hp.Float(name, entry["low"], entry["high"], sampling=entry["sampling"])
            elif entry["kind"] == "int":
                low, high = int(entry["low"]), int(entry["high"])
                hp.Int(name, low, high, sampling=entry["sampling"])
            elif len(entry["values"]) > 1:
                hp.Choice(name, [json.dumps(value) for value in entry["values"]])
            else:  # no dimension of the search
                hp.Fixed(name, json.dumps(entry["values"][0]))
        return hp

    def configuration(self, hp: keras_tuner.HyperParameters) -> Configuration:
        """The whole configuration of a trial."""
        sampled = {
            name: json.loads(hp.get(name)) if entry["kind"] == "choice" else hp.get(name)
            for name, entry in self._space.items()
        }
        return Configuration.model_validate(self._base.model_dump() | sampled)
