"""What a person says about a space."""

from collections.abc import Mapping

from smearflow.params.explore import Range, Values, Varied
from smearflow.params.model import Configuration
from smearflow.records.search.dimensions import Choice, Dimension, Interval


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
