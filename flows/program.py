"""The command `smearflow`: runs a verb, and ends as a command should."""

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer
from typer.main import get_command

from flows import PROJECT
from flows.verb import DEBUG
from flows.verbs import app
from smearflow.ground.errors import SmearflowError, as_smearflow
from smearflow.ground.pipes import end_if_unread

NAME = "smearflow"


def main(words: Sequence[str] | None = None) -> NoReturn:
    """Run a verb and end this process: status 0, 1 after an error, 2 for words it does not know.

    Args:
        words: those after the name of the program; else this process's own.
    """
    if sys.platform not in ("linux", "darwin"):
        sys.exit(f"error: {NAME} does not run on {sys.platform}; use Linux or macOS")
    signal.signal(signal.SIGTERM, _stop)
    arguments = list(sys.argv[1:] if words is None else words)
    try:  # not typer's own main: that takes a broken pipe and Ctrl-C for itself
        with get_command(app).make_context(NAME, arguments) as context:
            context.command.invoke(context)
    except typer.Exit as ended:
        sys.exit(ended.exit_code)
    except typer.TyperException as error:
        _end(f"{_in_line(error)}; see {_path(error)} --help", error.exit_code)
    except (SmearflowError, OSError) as error:
        end_if_unread(error)
        if os.environ.get(DEBUG):
            traceback.print_exc()
        _end(str(as_smearflow(error, PROJECT)), 1)
    sys.exit(0)


def _in_line(error: typer.TyperException) -> str:
    return " ".join(error.format_message().split()).rstrip(".")


def _path(error: typer.TyperException) -> str:
    """The words up to the verb that was asked wrongly, where typer tells it."""
    context: typer.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else NAME


def _end(message: str, status: int) -> NoReturn:
    print(f"error: {message}", file=sys.stderr)
    sys.exit(status)


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
