"""What every section of params.yaml is made of: frozen, strict groups of settings."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from smearflow.ground.errors import SmearflowError

Bits = Annotated[int, Field(ge=8, le=16)]
Label = Annotated[
    str, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)
]
"""A label as data spells it: `1` or `True` in a YAML file means the text."""
Fraction = Annotated[float, Field(gt=0, le=1)]
Read = TypeVar("Read")

_REASONS = {"extra_forbidden": "there is no such key", "missing": "the key is missing"}


class Settings(BaseModel):
    """A frozen group of settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def validated(kind: type[Read], value: Any, file: Path, section: str = "") -> Read:
    """A value of a parameter file as typed settings.

    Args:
        kind: of the settings.
        file: for the message.
        section: where in the file the value stands, for the message; empty for all of it.

    Raises:
        SmearflowError: an unknown, missing or wrong key; the message names it.
    """
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in (section, *first["loc"]) if part != "")
        reason = _REASONS.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise SmearflowError(
            f"{file}: {key or 'the top level'}: {reason}",
            "correct that key (profiles/ holds complete examples)",
        ) from error


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
