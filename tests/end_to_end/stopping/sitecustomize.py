"""Stops a process at a moment of `tests/end_to_end/moments.py`, so that it can be killed there.

Python runs this file at the start of each process that has its folder on PYTHONPATH. It wraps one
function in the processes of one program, and changes nothing else.
"""

import functools
import importlib.abc
import importlib.util
import itertools
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]


def prepare(moment: dict[str, Any]) -> None:
    """Wrap the function that a moment names, now or when its module is imported."""
    module, _, function = moment["place"].partition(":")
    wrap = stopping(moment)
    if module in sys.modules:
        replace(sys.modules[module], function, wrap)
    else:
        sys.meta_path.insert(0, Finder(module, function, wrap))


class Finder(importlib.abc.MetaPathFinder):
    """Wraps a function of a module before anybody else can take a name from there."""

    def __init__(self, module: str, function: str, wrap: Wrap) -> None:
        self._module, self._function, self._wrap = module, function, wrap

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if name != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        execute = spec.loader.exec_module

        def execute_and_wrap(module: ModuleType) -> None:
            execute(module)
            replace(module, self._function, self._wrap)

        vars(spec.loader)["exec_module"] = execute_and_wrap
        return spec


def replace(module: ModuleType, function: str, wrap: Wrap) -> None:
    *parents, name = function.split(".")
    owner: Any = functools.reduce(getattr, parents, module)
    setattr(owner, name, wrap(getattr(owner, name)))


def stopping(moment: dict[str, Any]) -> Wrap:
    """A wrapper that stops the process around the n-th call that is about a certain name."""
    calls = itertools.count(1)

    def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            names = "\n".join(str(each) for each in args if isinstance(each, str | Path))
            if moment["about"] not in names or next(calls) != moment["call"]:
                return original(*args, **kwargs)
            if moment["when"] != "before":
                original(*args, **kwargs)
            if moment["when"] == "half written":
                halve(next(each for each in args if isinstance(each, Path)))
            stop(moment["signal"])

        return wrapped

    return wrap


def halve(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def stop(fifo: str) -> NoReturn:
    Path(fifo).write_text(f"{os.getppid()}\n")
    while True:
        signal.pause()


if "SMEARFLOW_TEST_MOMENT" in os.environ:
    MOMENT = json.loads(os.environ["SMEARFLOW_TEST_MOMENT"])
    if MOMENT["program"] in " ".join(sys.orig_argv):
        prepare(MOMENT)
