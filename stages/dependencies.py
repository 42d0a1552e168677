"""Writes what each stage imports into dvc.yaml: `python -m stages.dependencies`.

A stage depends on the modules that it imports, at the top or in a function, and on those that they
import, and so on. Where these are all there is in a folder the folder stands for them. Whatever
else lies beside a module in its folder, such as a template, belongs to it. A package's own module
is left out where it only says what the package is for: no result depends on that, and nothing that
lies beside it is its own. A list that is too long to be read is cut by naming more folders, those
first of which the stage leaves out least.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from stages.runner import Definition

CODE = ("smearflow", "stages")
MOST = 15  # entries of code that a list should not exceed
_IGNORED = "__pycache__"


class Pipeline(TypedDict):
    """The content of dvc.yaml."""

    stages: dict[str, Definition]


def code_of(root: Path, stage: str) -> list[str]:
    """The folders and files that a stage is made of, its own file first; paths inside `root`."""
    own = root / "stages" / f"{stage}.py"
    used = files_of(root, stage)
    named = {_largest(root, file, used) for file in used} - {own}
    entries = {entry for entry in named if not is_silent(entry)}
    while len(entries) >= MOST and (folder := _next_folder(root, entries, used)):
        entries = {entry for entry in entries if not entry.is_relative_to(folder)} | {folder}
    names = sorted(entry.relative_to(root).as_posix() for entry in entries)
    return [own.relative_to(root).as_posix(), *names]


def files_of(root: Path, stage: str) -> set[Path]:
    """The files that a stage is made of."""
    modules = _closure(root, root / "stages" / f"{stage}.py")
    own = {module for module in modules if not is_silent(module)}
    return {file for module in own for file in _beside(module)} | modules


def is_silent(file: Path) -> bool:
    """Whether a file is a package's own module without code, at most a docstring."""
    if file.name != "__init__.py":
        return False
    tree = ast.parse(file.read_text())
    return all(isinstance(node, ast.Expr) for node in tree.body)


def _largest(root: Path, file: Path, used: set[Path]) -> Path:
    """The largest folder around a file that is used as a whole; the file where none is."""
    whole = [folder for folder in file.parents if not _unused(root, folder, used)]
    return whole[-1] if whole else file


def _next_folder(root: Path, entries: set[Path], used: set[Path]) -> Path | None:
    """Of the folders that stand for several entries, the one with the fewest unused files."""
    files = [entry for entry in entries if entry.is_file()]
    folders = {file.parent for file in files if file.parent.parent == root / "smearflow"}
    several = [each for each in folders if sum(file.parent == each for file in files) > 1]
    return min(several, key=lambda each: (len(_unused(root, each, used)), each), default=None)


def _closure(root: Path, start: Path) -> set[Path]:
    waiting, found = [start], set[Path]()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(imported(root, file))
    return found


def imported(root: Path, file: Path) -> Iterator[Path]:
    """The files of the project's modules that a file imports, with the packages around them."""
    for node in ast.walk(ast.parse(file.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            places = [root.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
            if parts[0] in CODE:
                yield from (found for place in places if (found := _module(place)))


def _module(place: Path) -> Path | None:
    for file in (place / "__init__.py", place.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def _beside(module: Path) -> list[Path]:
    """What is no module and lies beside one."""
    return [file for file in module.parent.iterdir() if file.is_file() and file.suffix != ".py"]


def _unused(root: Path, folder: Path, used: set[Path]) -> set[Path]:
    """Files of a folder that are not used; the folders around the code are never used whole."""
    if folder == root or not folder.is_relative_to(root):
        return {folder}
    files = {file for file in folder.rglob("*") if file.is_file() and _IGNORED not in file.parts}
    return files - used


def with_code(root: Path, definition: Pipeline) -> bool:
    """Bring the code among the dependencies of every stage up to date.

    Args:
        definition: the content of dvc.yaml, changed in place.

    Returns:
        Whether anything changed.
    """
    changed = False
    for name, stage in definition["stages"].items():
        others = [dep for dep in stage["deps"] if dep.partition("/")[0] not in CODE]
        wanted = [*code_of(root, name), *others]
        changed |= list(stage["deps"]) != wanted
        stage["deps"] = CommentedSeq(wanted)  # a line each
    return changed


def main() -> None:
    """Rewrite dvc.yaml; comments and order stay."""
    root = Path.cwd()
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    definition = yaml.load(root / "dvc.yaml")
    if with_code(root, definition):
        with (root / "dvc.yaml").open("w") as stream:
            yaml.dump(definition, stream)
        print("dvc.yaml: dependencies brought up to date", file=sys.stderr)


if __name__ == "__main__":
    main()
