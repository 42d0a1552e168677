"""The layout is a promise: knowledge flows down only, and DVC knows what each stage is made of."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.material import PROJECT

# Who may be imported by whom: a package may import those before it, and itself.
FLOORS = {
    "smearflow": 0,  # errors, files, hub, params, pipes, processes, progress, proxies, quiet
    "smearflow.cells": 1,
    "smearflow.evaluation": 1,
    "smearflow.edge": 2,
    "smearflow.monitoring": 3,
    "smearflow.model": 3,
    "smearflow.engine": 4,
    "smearflow.pretraining": 4,
    "smearflow.search": 5,
    "smearflow.registry": 5,
    "smearflow.report": 5,
    "smearflow.gate": 6,
    "benchmarks": 7,
    "stages": 7,
    "flows": 8,
}
# Plumbing every stage uses; it decides how results are stored, not what they are.
PLUMBING = {
    "__init__.py",
    "errors.py",
    "files.py",
    "hub.py",
    "params.py",
    "pipes.py",
    "processes.py",
    "progress.py",
    "proxies.py",
    "quiet.py",
}
STAGES = YAML(typ="safe").load(PROJECT / "dvc.yaml")["stages"]
TOPS = ("benchmarks", "flows", "smearflow", "stages")
CODE = sorted(file for top in TOPS for file in (PROJECT / top).rglob("*.py"))


def imports(file: Path) -> Iterator[str]:
    """Dotted names of the project's modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        yield from (name for name in names if module_file(name))


def module_file(name: str) -> Path | None:
    path = PROJECT.joinpath(*name.split("."))
    if name.split(".")[0] not in TOPS:
        return None
    if path.is_dir():
        return path / "__init__.py"
    return path.with_suffix(".py") if path.with_suffix(".py").is_file() else None


def package(file: Path) -> str:
    parts = file.relative_to(PROJECT).with_suffix("").parts
    if ".".join(parts) in FLOORS:
        return ".".join(parts)
    parts = parts[:-1]
    return ".".join(parts[:2] if parts[0] == "smearflow" else parts[:1])


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(PROJECT)))
def test_no_import_runs_upwards(file: Path) -> None:
    own = package(file)
    for name in imports(file):
        other = package(module_file(name) or file)
        assert other == own or FLOORS[other] < FLOORS[own], f"{own} imports {name}"


@pytest.mark.parametrize("stage", STAGES)
def test_dvc_knows_all_code_of_a_stage(stage: str) -> None:
    waiting, used = [PROJECT / "stages" / f"{stage}.py"], set()
    while waiting:
        file = waiting.pop()
        if file not in used:
            used.add(file)
            waiting.extend(found for name in imports(file) if (found := module_file(name)))
    deps = [PROJECT / dep for dep in STAGES[stage]["deps"]]
    unknown = {
        str(file.relative_to(PROJECT))
        for file in used
        if file.name not in PLUMBING
        and file != PROJECT / "stages/runner.py"
        and not any(file.is_relative_to(dep) for dep in deps)
    }
    assert unknown == set()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_is_a_file_a_function_and_two_folders(stage: str) -> None:
    tree = ast.parse((PROJECT / "stages" / f"{stage}.py").read_text())
    assert stage in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert STAGES[stage]["outs"] == [f"outputs/{stage}", f"reports/{stage}"]
    assert STAGES[stage]["deps"][0] == f"stages/{stage}.py"
