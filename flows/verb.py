"""What makes a function a verb of the command line."""

import inspect
import os
from collections.abc import Callable
from typing import Annotated, Any

import typer

from flows import PIPELINE, PROJECT
from smearflow.ground.errors import SmearflowError

DEBUG = "SMEARFLOW_DEBUG"  # stages, which DVC starts, read it too

Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of an error")]


Work = Callable[..., None]


def verb(owner: typer.Typer) -> Callable[[Work], Work]:
    """Make a function a verb of its own name, with --debug beside its own options."""
    return lambda work: _made_verb(owner, work)


def _made_verb(owner: typer.Typer, work: Work) -> Work:
    def run_verb(debug: Debug = False, **asked: Any) -> None:
        if debug:
            os.environ[DEBUG] = "1"
        if not (PROJECT / PIPELINE).is_file():
            raise SmearflowError(
                f"neither {PROJECT} nor a folder above it holds {PIPELINE}",
                "run it in a clone of smearflow: cd <clone>",
            )
        work(**asked)

    own = inspect.signature(work).parameters.values()
    added = inspect.signature(run_verb).parameters["debug"]
    # what typer reads the options from
    run_verb.__signature__ = inspect.Signature([*own, added])  # type: ignore[attr-defined]
    owner.command(work.__name__.replace("_", "-"), help=inspect.getdoc(work))(run_verb)
    return work
