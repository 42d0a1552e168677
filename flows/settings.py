"""What a run is asked to do: a profile, places, single values; and the params.yaml they make."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML

from flows import CLONE, PROJECT
from flows.editing import completed, parse_override, with_overrides, with_values
from flows.incoming import existing_folder
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_bytes
from smearflow.params.whole import load_params
from stages.runner import Definition

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Request:
    """What a user asks of a run, beside the profile.

    Attributes:
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        incoming: folder of unlabelled cells, for the monitoring pass.
        overrides: single values, as `train.epochs=5`.
    """

    data: str | None = None
    backbone: str | None = None
    incoming: str | None = None
    overrides: tuple[str, ...] = ()


def check_request(project: Path, profile: str, request: Request) -> None:
    """Look whether what was asked for exists, without reading it.

    Raises:
        SmearflowError: it does not.
    """
    settings_text(project, profile)
    for text, name in ((request.data, "DATA"), (request.backbone, "BACKBONE")):
        if text:
            _place(text, name)
    if request.incoming:
        existing_folder(Path(request.incoming))
    for override in request.overrides:
        parse_override(override)


def profiles(project: Path) -> list[str]:
    """The names of all profiles."""
    return [CLONE, *sorted(path.stem for path in (project / "profiles").glob("*.yaml"))]


def check_name(profile: str) -> None:
    """Look whether a text can be the name of a profile, which names files and folders.

    What a profile once promoted stays in use, also where the profile itself is gone.

    Raises:
        SmearflowError: it leads elsewhere, or a program would take it for an option.
    """
    if not _NAME.fullmatch(profile):
        raise SmearflowError(
            f"{profile!r} is no name of a profile",
            "begin with a letter or digit, and go on with those, '.', '_' and '-'",
        )


def check_profile(project: Path, profile: str) -> None:
    """Look whether there is such a profile.

    Raises:
        SmearflowError: there is none; names those that there are. Or its name is none.
    """
    known = profiles(project)
    if profile not in known:  # a path to a file elsewhere is none either
        raise SmearflowError(
            f"there is no profile {profile or '(PROFILE is empty)'}",
            f"choose one of: {', '.join(known)}",
        )
    check_name(profile)


def settings_file(project: Path, profile: str) -> Path:
    """The file that holds a profile: what is set in it, later runs keep.

    Raises:
        SmearflowError: there is no such profile.
    """
    check_profile(project, profile)
    return project / ("params.yaml" if profile == CLONE else f"profiles/{profile}.yaml")


def set_in_profile(project: Path, profile: str, values: Sequence[tuple[str, Any]]) -> Path:
    """Set values in a profile as a person would: later runs keep them; returns its file.

    Raises:
        SmearflowError: there is no such profile, or a key leads nowhere.
    """
    file = settings_file(project, profile)
    write_bytes(file, with_values(settings_text(project, profile), values).encode())
    return file


def settings_text(project: Path, profile: str) -> str:
    """The text of a profile.

    Raises:
        SmearflowError: there is no such profile, or its settings are not valid.
    """
    file = settings_file(project, profile)
    load_params(file)  # whoever has only the text can't name the file
    return file.read_text()


def write_settings(target: Path, text: str, request: Request) -> None:
    """Write a profile's text with what was asked for, comments kept; nothing if it is the same.

    What a profile of an earlier version leaves to a default is written out (`with_defaults`): the
    run would end at the stage that reads it, perhaps after hours.

    Raises:
        SmearflowError: the settings are not valid, or something asked for does not exist.
    """
    plain = with_values(with_defaults(text), request_values(request, text))
    wanted = with_overrides(plain, request.overrides)
    if target.is_file() and target.read_text() == wanted:
        return
    candidate = target.with_name(target.name + ".candidate")
    try:
        if problem := _complaint(candidate, wanted):
            own = request.overrides and not _complaint(candidate, plain)
            named = problem.problem.replace(str(candidate), "SET" if own else str(target))
            raise SmearflowError(named, problem.action)
    finally:
        candidate.unlink(missing_ok=True)
    write_bytes(target, wanted.encode())


def with_defaults(text: str) -> str:
    """Settings with what they leave to a default written out where DVC looks for it."""
    stages: dict[str, Definition] = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
    looked_for = {key for stage in stages.values() for key in stage.get("params", [])}
    return completed(text, sorted(looked_for))


def _complaint(candidate: Path, text: str) -> SmearflowError | None:
    """What is wrong with settings, once written to that file."""
    candidate.write_text(text)
    try:
        load_params(candidate)
    except SmearflowError as error:
        return error
    return None


def request_values(request: Request, profile: str) -> list[tuple[str, Any]]:
    """What a request's places set in a profile's text: dotted keys and values.

    A place on this machine goes where no result depends on it, and its content's hash where all do.
    """
    from smearflow.intake.sources import source_fingerprint  # here, because they take seconds
    from smearflow.model.hub import local_module_hash

    settings, values = YAML(typ="safe").load(profile), list[tuple[str, Any]]()
    if request.data:
        place, source = _place(request.data, "DATA"), settings["ingest"]["sources"][0]
        if source["kind"] == "sample":
            values.append(("ingest.sources.0.kind", "nih"))  # cells in place of rendered ones
        values += [
            ("ingest.sources.0.location", place if _is_url(place) else None),
            (
                "ingest.sources.0.sha256",
                _pin(place, lambda: source_fingerprint(Path(place))),
            ),
            ("ingest.sources.0.bytes", None),
            (f"locations.{source['name']}", None if _is_url(place) else place),
        ]
    if request.backbone:
        place = _place(request.backbone, "BACKBONE")
        values += [
            ("model.backbone", place if _is_url(place) else Path(place).name),
            ("model.backbone_sha256", _pin(place, lambda: local_module_hash(place))),
            ("model.trust_unpinned", False),  # that is of the profile's own backbone
            ("locations.backbone", None if _is_url(place) else place),
        ]
    return values


def _pin(place: str, measure: Callable[[], str]) -> str | None:
    """The hash of what lies at a place on this machine; a URL's content is not looked at."""
    return None if _is_url(place) else measure()


def _place(text: str, name: str) -> str:
    """An absolute path, or the URL as it is."""
    if _is_url(text):
        if name == "DATA" and urlsplit(text).scheme not in ("http", "https"):
            raise SmearflowError(
                f"{name}={text} can't be fetched from there",
                "name a folder, an archive, or a URL of http or https",
            )
        return text
    path = Path(text).expanduser().absolute()
    if not path.exists():
        raise SmearflowError(f"{name}={text} does not exist", "name a folder, an archive or a URL")
    return str(path)


def _is_url(place: str) -> bool:
    return "://" in place
