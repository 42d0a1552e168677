"""The layout is a promise: knowledge flows down only, and DVC knows what each stage is made of."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages.dependencies import CODE as CODE_FOLDERS
from stages.dependencies import MOST, code_of, files_of, is_silent
from tests.material import PROJECT

# Who may be imported by whom: a room may import those on lower floors, and itself.
FLOORS = {
    "smearflow.ground": 0,
    "smearflow.html": 0,
    "smearflow.images": 0,
    "smearflow.processes": 0,
    "smearflow.edge.checksums": 1,
    "smearflow": 1,  # what importing the package sets up
    "smearflow.params": 1,
    "smearflow.records": 2,
    "smearflow.parallel": 3,
    "smearflow.sides": 3,
    "smearflow.checks": 3,
    "smearflow.evaluation": 3,
    "smearflow.monitoring": 3,
    "smearflow.assessment": 4,
    "smearflow.cells": 4,
    "smearflow.sample": 4,
    "smearflow.experiments": 4,
    "smearflow.gate": 4,
    "smearflow.model": 4,
    "smearflow.intake": 5,
    "smearflow.splitting": 5,
    "smearflow.edge": 5,
    "smearflow.understanding": 5,
    "smearflow.engine": 5,
    "smearflow.analysis": 5,
    "smearflow.hparams": 5,
    "smearflow.trained": 5,
    "smearflow.pretraining": 5,
    "smearflow.sample.__main__": 5,  # the program that draws sheets and batches
    "smearflow.conversion": 6,
    "smearflow.search": 6,
    "smearflow.studies": 6,
    "smearflow.windows": 6,
    "smearflow.release": 6,
    "smearflow.feedback": 6,
    "smearflow.pretraining.__main__": 6,
    "smearflow.report": 7,
    "benchmarks": 8,
    "stages": 8,
    "flows": 9,
}
STAGES = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
TOPS = ("benchmarks", "flows", "smearflow", "stages")
CODE = sorted(file for top in TOPS for file in (PROJECT / top).rglob("*.py"))


def every_import(file: Path) -> Iterator[str]:
    """Dotted names of what a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))


def imports(file: Path) -> Iterator[str]:
    """Of these the project's modules."""
    yield from (name for name in every_import(file) if module_file(name))


def module_file(name: str) -> Path | None:
    path = PROJECT.joinpath(*name.split("."))
    if name.split(".")[0] not in TOPS:
        return None
    if path.is_dir():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").is_file() else None


def room(file: Path) -> str:
    """A folder of smearflow with all in it, a module beside those folders, or a top folder."""
    parts = file.relative_to(PROJECT).with_suffix("").parts
    if ".".join(parts) in FLOORS:  # a module that is a room of its own
        return ".".join(parts)
    return ".".join(parts[:-1][:2] if parts[0] == "smearflow" else parts[:1])


def test_tensorflow_is_imported_where_it_is_quiet() -> None:
    """Elsewhere ten lines of no consequence would stand in front of what a stage says."""
    loud = [
        str(file.relative_to(PROJECT))
        for file in CODE
        if file.name != "quiet.py" and {"keras", "tensorflow"} & set(every_import(file))
    ]
    assert loud == []


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(PROJECT)))
def test_no_import_runs_upwards(file: Path) -> None:
    own = room(file)
    for name in imports(file):
        other = room(module_file(name) or file)
        assert other == own or FLOORS[other] < FLOORS[own], f"{own} imports {name}"


def test_every_room_has_a_floor_and_every_floor_a_room() -> None:
    assert {room(file) for file in CODE} == set(FLOORS)


def code_deps(stage: str) -> list[str]:
    """What dvc.yaml says a stage is made of."""
    return [dep for dep in STAGES[stage]["deps"] if dep.partition("/")[0] in CODE_FOLDERS]


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_knows_all_code_of_a_stage_in_a_list_that_can_be_read(stage: str) -> None:
    deps = code_deps(stage)
    assert deps == code_of(PROJECT, stage), "run `make dependencies`"
    assert len(deps) <= MOST
    assert STAGES[stage]["deps"][: len(deps)] == deps  # then what it reads
    # the same by another way than the one that wrote the list
    waiting, used = [PROJECT / "stages" / f"{stage}.py"], set[Path]()
    while waiting:
        file = waiting.pop()
        if file not in used:
            used.add(file)
            waiting.extend(found for name in imports(file) if (found := module_file(name)))
    places = [PROJECT / dep for dep in deps]
    left_out = {file for file in used if not any(file.is_relative_to(place) for place in places)}
    assert all(file.name == "__init__.py" and is_silent(file) for file in left_out), left_out


@pytest.mark.parametrize("stage", ["explore", "analyse", "tune", "train"])
def test_what_takes_long_runs_anew_for_nothing_that_it_does_not_import(stage: str) -> None:
    places = [PROJECT / dep for dep in code_deps(stage)]
    named = {file for place in places for file in (place, *place.rglob("*")) if file.is_file()}
    named = {file for file in named if "__pycache__" not in file.parts}
    assert named | {file for file in files_of(PROJECT, stage) if is_silent(file)} == files_of(
        PROJECT, stage
    )


def test_a_package_that_says_only_what_it_is_for_is_silent(tmp_path: Path) -> None:
    file = tmp_path / "__init__.py"
    for text, silent in (('"""For toys."""', True), ("", True), ('"""Toys."""\nimport os', False)):
        file.write_text(text)
        assert is_silent(file) is silent
    (tmp_path / "template.j2").write_text("not Python {")
    assert not is_silent(tmp_path / "template.j2")


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_file_a_function_and_two_folders(stage: str) -> None:
    tree = ast.parse((PROJECT / "stages" / f"{stage}.py").read_text())
    assert stage in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    folders = [f"outputs/{stage}", f"reports/{stage}"]
    assert STAGES[stage]["outs"] == (folders if stage != "pages" else folders[1:])
    assert STAGES[stage]["deps"][0] == f"stages/{stage}.py"
