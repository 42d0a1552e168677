"""Values set in the YAML text of settings: comments and all else stay as they are."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from pydantic import JsonValue, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter

from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import Params, texts_wanted

_NOT_OF_A_RUN = {"ingest", "locations", "engine", "registry", "feedback", "retrain"}

Keys = dict[str, "Keys | None"]
"""The keys of a mapping, each with those below it; None: its value is no mapping."""


class _Representer(RoundTripRepresenter):
    """Writes null where ruamel.yaml would write nothing."""

    def null(self, _value: None) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.null)


def with_values(text: str, values: Sequence[tuple[str, Any]]) -> str:
    """YAML text with values set at dotted keys; comments stay.

    Numbers in a key count the items of a list from 0; one past the last appends.

    Raises:
        SmearflowError: a key leads nowhere.
    """
    if not values:
        return text
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.width = 4096
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    settings = yaml.load(text)
    for key, value in values:
        *parents, last = (int(part) if part.isdigit() else part for part in key.split("."))
        try:
            place = settings
            for part in parents:
                place = place[part]
            if isinstance(place, list) and last == len(place):
                place.append(value)
            else:
                place[last] = value
        except (KeyError, IndexError, TypeError):
            raise SmearflowError(
                f"there is no setting {key}", "name one as params.yaml does, as in train.epochs"
            ) from None
    stream = io.StringIO()
    yaml.dump(settings, stream)
    return stream.getvalue()


def completed(text: str, keys: Iterable[str]) -> str:
    """YAML text with those of its settings written out that it leaves to their defaults.

    Args:
        keys: dotted, of settings that must be there; one without a default is left to whoever
            checks the settings.
    """
    if not _is_valid(text):
        return text
    settings = YAML(typ="safe").load(text)
    whole = Params.model_validate(settings).model_dump(mode="json", by_alias=True)
    missing = []
    for key in keys:
        *parents, last = key.split(".")
        if last not in reduce(dict.__getitem__, parents, settings):
            missing.append((key, reduce(dict.__getitem__, parents, whole)[last]))
    return with_values(text, missing)


def with_overrides(text: str, overrides: Sequence[str]) -> str:
    """YAML text with values set as `train.epochs=5` writes them; comments stay.

    The setting decides: where it is a text, what YAML takes for a number or a date is one too.

    Raises:
        SmearflowError: one can't be read, or its key leads nowhere.
    """
    if not overrides:
        return text
    values = [parse_override(each) for each in overrides]
    wanted = texts_wanted(YAML(typ="safe").load(with_values(text, values)))
    written = [each.partition("=")[2].strip() for each in overrides]
    return with_values(
        text,
        [
            (key, literal if key in wanted else value)
            for (key, value), literal in zip(values, written, strict=True)
        ],
    )


def parse_override(text: str) -> tuple[str, Any]:
    """`train.epochs=5` as key and value; the value is YAML.

    Raises:
        SmearflowError: it is not of that form, or has no value.
    """
    key, equals, value = text.partition("=")
    if key and equals and not value.strip():
        raise SmearflowError(f"the setting {key} has no value in SET", f"write {key}=null for none")
    try:
        if equals and key:
            return key.strip(), YAML(typ="safe").load(value)
    except (YAMLError, ValueError):
        pass
    raise SmearflowError(
        f"cannot read the setting {text!r}",
        "write it as train.epochs=5, and a value with spaces in quotes",
    )


def carried_over(text: str, earlier: Mapping[str, JsonValue]) -> str:
    """A profile's text with the values of earlier settings, as far as today's code knows them.

    A key that is gone is left out in silence, as nothing reads it any more; a value that is not
    valid any more is told, and today's stays. Where cells and machines are is no part of it, nor is
    what decisions go by.

    Args:
        earlier: the content of a params.yaml of any age.
    """
    wanted = {key: value for key, value in earlier.items() if key not in _NOT_OF_A_RUN}
    values = list(_shared(text, YAML(typ="safe").load(text), wanted))
    invalid = [key for key, value in values if not _is_valid(with_values(text, [(key, value)]))]
    for key in invalid:
        print(f"warning: the earlier value of {key} is not valid any more: today's is used")
    return with_values(text, [(key, value) for key, value in values if key not in invalid])


def _shared(
    text: str, now: Mapping[str, JsonValue], earlier: Mapping[str, JsonValue], above: str = ""
) -> Iterator[tuple[str, JsonValue]]:
    """Dotted keys that both have, with the earlier values where those are others.

    A mapping with other keys, its own or below, as of targets or the words of experiments, is one
    value where today's code takes it as it is.
    """
    for key in sorted(now.keys() & earlier.keys()):
        dotted, new, old = f"{above}{key}", now[key], earlier[key]
        if isinstance(new, dict) and isinstance(old, dict):
            other = _keys(new) != _keys(old)
            if not other or not _is_valid(with_values(text, [(dotted, old)])):
                yield from _shared(text, new, old, f"{dotted}.")
                continue
        if new != old:
            yield dotted, old


def _keys(value: JsonValue) -> Keys | None:
    """The keys of a mapping, each with those below it."""
    return {key: _keys(each) for key, each in value.items()} if isinstance(value, dict) else None


def _is_valid(text: str) -> bool:
    try:
        Params.model_validate(YAML(typ="safe").load(text))
    except ValidationError:
        return False
    return True
