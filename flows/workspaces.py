"""Folders in which runs work, each like a clone of the project, away from the user's own files.

A workspace has the project's code, a params.yaml made of a profile and what was asked for, its own
data and results, and the project's DVC cache. The code is brought up to date before each run.
"""

import contextlib
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.representer import RoundTripRepresenter

from flows.incoming import existing_folder, place_window
from flows.processes import exclusive, tool_environment
from smearflow.cells.sources import source_fingerprint
from smearflow.errors import SmearflowError
from smearflow.files import write_bytes
from smearflow.hub import local_module_hash
from smearflow.params import load_params, load_yaml, texts_wanted

CODE = (
    "dvc.yaml",
    ".dvcignore",
    "stages",
    "smearflow",
    "expectations",
    "backbones",
    "data/incoming/README.md",
)
_GENERATED = ".params.generated"  # hashes of the params.yaml here and of the one to replace it
_DVC_CONFIG = "[core]\n    analytics = false\n    no_scm = true\n[cache]\n    dir = {cache}\n"


class _Representer(RoundTripRepresenter):
    """Writes null where ruamel.yaml would write nothing."""

    def null(self, _value: None) -> Any:
        return self.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _Representer.null)


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


@contextlib.contextmanager
def workspace(
    project: Path, profile: str, request: Request, *, name: str | None = None
) -> Iterator[Path]:
    """The workspace of a profile, prepared, and held against other runs until the block ends.

    Args:
        name: of the folder, where it is not the profile's.

    Raises:
        SmearflowError: there is no such profile, another run works there, or what was asked for
            does not exist or makes no valid settings.
    """
    text = _profile_text(project, profile)
    root = workspace_folder(project, name or profile)
    with held(root):
        synchronise(project, root)
        write_params(root, text, request_values(request, text), request.overrides)
        if request.incoming:
            place_window(root, Path(request.incoming))
        yield root


def check_request(project: Path, profile: str, request: Request) -> None:
    """Look whether what was asked for exists, without reading it.

    Raises:
        SmearflowError: it does not.
    """
    _profile_text(project, profile)
    for text, name in ((request.data, "DATA"), (request.backbone, "BACKBONE")):
        if text:
            _place(text, name)
    if request.incoming:
        existing_folder(Path(request.incoming))
    for override in request.overrides:
        parse_override(override)


def check_profile(project: Path, profile: str) -> None:
    """Look whether there is such a profile.

    Raises:
        SmearflowError: there is none; names those that there are.
    """
    known = sorted(path.stem for path in (project / "profiles").glob("*.yaml"))
    if profile not in known:  # a path to a file elsewhere is none either
        raise SmearflowError(
            f"there is no profile {profile or '(PROFILE is empty)'}",
            f"choose one of: {', '.join(known)}",
        )


def run_folder(run: Path) -> Path:
    """The folder of a run that RUN names, `~` expanded.

    Raises:
        SmearflowError: there is no such folder.
    """
    folder = run.expanduser()
    if not folder.is_dir():
        raise SmearflowError(f"RUN={run} is no folder", "name that of a run, as workspaces/sample")
    return folder


def _profile_text(project: Path, profile: str) -> str:
    check_profile(project, profile)
    source = project / "profiles" / f"{profile}.yaml"
    load_params(source)  # whoever has only the text can't name the file
    return source.read_text()


def _yaml_text(file: Path) -> str:
    """The text of a YAML file, whatever its keys are.

    Raises:
        SmearflowError: it is no YAML.
    """
    load_yaml(file)
    return file.read_text()


def workspace_folder(project: Path, name: str) -> Path:
    """Where the workspace of that name is."""
    return project / "workspaces" / name


def held(root: Path) -> contextlib.AbstractContextManager[None]:
    """Only one run works in a workspace at a time."""
    return exclusive(root.with_name(f".{root.name}.lock"), f"workspace {root}")


def synchronise(project: Path, root: Path) -> None:
    """Bring the code of a workspace up to date; its settings, data and results stay.

    Files that equal the project's are left alone, and those that vanished there are removed.
    """
    wanted = {path.relative_to(project) for name in CODE for path in _files(project / name)}
    present = {path.relative_to(root) for name in CODE for path in _files(root / name)}
    for path in present - wanted:
        (root / path).unlink()
    for path in sorted(wanted):
        content = (project / path).read_bytes()
        if path not in present or (root / path).read_bytes() != content:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            write_bytes(root / path, content)
    config = root / ".dvc" / "config"
    if not config.exists():
        config.parent.mkdir(exist_ok=True)
        write_bytes(config, _DVC_CONFIG.format(cache=_shared_cache(project, config)).encode())


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [
        file
        for file in path.rglob("*")
        if file.is_file()
        and not any(
            part == "__pycache__" or part.startswith(".") for part in file.relative_to(path).parts
        )
    ]


def _shared_cache(project: Path, config: Path) -> str:
    """The project's cache, relative where it is inside the project: that survives a move."""
    found = subprocess.run(
        [sys.executable, "-m", "dvc", "cache", "dir"],
        cwd=project,
        env=tool_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        raise SmearflowError(f"{project} is no DVC project", "run in a clone of the project")
    cache = Path(found.stdout.strip()).resolve()
    inside = cache.is_relative_to(project.resolve())
    return os.path.relpath(cache, config.parent.resolve()) if inside else str(cache)


def write_params(
    root: Path, profile: str, values: Sequence[tuple[str, Any]], overrides: Sequence[str] = ()
) -> None:
    """Write params.yaml: a profile's text with the values asked for, comments kept.

    A params.yaml that somebody changed after it was generated is never replaced: only the values
    asked for are set in it. Delete it to return to the profile.

    Args:
        values: dotted keys and values.
        overrides: single values as a person writes them, set last.

    Raises:
        SmearflowError: the settings are not valid, or something asked for does not exist.
    """
    target, record = root / "params.yaml", root / _GENERATED
    known = record.read_text().split() if record.exists() else []
    current = [_sha256(target.read_bytes())] if target.exists() else []
    edited = not set(current) <= set(known)
    plain = with_values(_yaml_text(target) if edited else profile, values)
    text = with_overrides(plain, overrides)
    candidate = root / "params.yaml.tmp"
    problem = _complaint(candidate, text)
    if problem:
        own = overrides and not _complaint(candidate, plain)
        candidate.unlink()
        raise SmearflowError(
            problem.problem.replace(str(candidate), "SET" if own else str(target)), problem.action
        )
    if edited:
        print(f"{target} was edited: kept, only the values asked for are set", flush=True)
    else:
        write_bytes(record, "\n".join([*current, _sha256(text.encode()), ""]).encode())
    candidate.replace(target)


def _complaint(candidate: Path, text: str) -> SmearflowError | None:
    """What is wrong with settings, once written to that file."""
    candidate.write_text(text)
    try:
        load_params(candidate)
    except SmearflowError as error:
        return error
    return None


def edit_params(root: Path, values: Sequence[tuple[str, Any]]) -> None:
    """Set values in params.yaml as a person would: later runs keep them.

    Raises:
        SmearflowError: it is no YAML any more, or a key leads nowhere.
    """
    file = root / "params.yaml"
    write_bytes(file, with_values(_yaml_text(file), values).encode())


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


def request_values(request: Request, profile: str) -> list[tuple[str, Any]]:
    """What a request's places set in a profile's text: dotted keys and values."""
    values: list[tuple[str, Any]] = []
    if request.data:
        if YAML(typ="safe").load(profile)["ingest"]["sources"][0]["kind"] == "sample":
            values.append(("ingest.sources.0.kind", "nih"))  # cells in place of rendered ones
        place = _place(request.data, "DATA")
        values += [
            ("ingest.sources.0.location", place),
            (
                "ingest.sources.0.sha256",
                None if _is_url(place) else source_fingerprint(Path(place)),
            ),
            ("ingest.sources.0.bytes", None),
        ]
    if request.backbone:
        place = _place(request.backbone, "BACKBONE")
        values += [
            ("model.backbone", place),
            ("model.backbone_sha256", None if _is_url(place) else local_module_hash(place)),
        ]
    return values


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


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
