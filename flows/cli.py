"""What the programs of the flows share: options, one-line errors, an end on signals."""

import argparse
import shlex
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import httpx

from flows import PROJECT
from flows.server import connected
from flows.settings import Request, check_request
from smearflow.ground.errors import SmearflowError, as_smearflow, first_line
from smearflow.ground.pipes import end_if_unread
from smearflow.ground.proxies import check_proxies


def parser(program: str, description: str | None) -> argparse.ArgumentParser:
    """A parser with the options of every flow: the profile, and --debug."""
    new = argparse.ArgumentParser(prog=f"python -m flows.{program}", description=description)
    new.add_argument("--profile", required=True, help="a file of profiles/, without .yaml")
    new.add_argument("--debug", action="store_true", help="show the traceback of an error")
    return new


def add_request(options: argparse.ArgumentParser) -> None:
    """Add the options that make up a Request; an empty text means: not given."""
    options.add_argument("--data", help="folder, archive or URL of labelled cells")
    options.add_argument("--backbone", help="folder, archive or URL of the backbone")
    options.add_argument("--set", default="", help="single values, as in 'train.epochs=5 ...'")


def request_of(arguments: argparse.Namespace) -> Request:
    """The Request of parsed options.

    Raises:
        SmearflowError: --set can't be split into settings.
    """
    return Request(
        arguments.data or None,
        arguments.backbone or None,
        getattr(arguments, "incoming", None) or None,
        tuple(_words(arguments.set)),
    )


def run_request(program: str, description: str | None, work: Callable[..., object]) -> None:
    """The body of a program whose flow takes a profile, data, backbone and overrides."""
    options = parser(program, description)
    add_request(options)
    arguments = options.parse_args()
    run_requested(
        arguments,
        lambda asked: work(arguments.profile, asked.data, asked.backbone, list(asked.overrides)),
    )


def run_requested(arguments: argparse.Namespace, work: Callable[[Request], object]) -> None:
    """`run` a flow for what the options of `add_request` ask for, once that makes a run."""
    run(
        lambda: work(request_of(arguments)),
        check=lambda: check_request(PROJECT, arguments.profile, request_of(arguments)),
        debug=arguments.debug,
    )


def folder_of(text: str | None) -> Path | None:
    """The folder an option names, absolute; None for an empty text: not given."""
    return Path(text).expanduser().absolute() if text else None


def _words(text: str) -> list[str]:
    """Split at spaces outside quotes; a backslash is itself, as in a regular expression."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.commenters, words.escape = True, "", ""
    try:
        return list(words)
    except ValueError as error:
        raise SmearflowError(
            f"SET has a quote without its partner: {text!r}",
            'put that value into the other kind of quote, as in key="a cell\'s place"',
        ) from error


def run(work: Callable[[], object], *, check: Callable[[], object], debug: bool) -> None:
    """Run a flow's work with a Prefect server; an error a user can put right is one line.

    On Ctrl-C or SIGTERM the running stage is ended with all it started.

    Args:
        check: raises what the work would soon raise, without waiting for a server.
    """
    signal.signal(signal.SIGTERM, _stop)
    try:
        check()
        check_proxies()
        with connected(PROJECT):
            work()
    except (SmearflowError, OSError, httpx.HTTPError) as error:
        end_if_unread(error)
        if debug:
            traceback.print_exc()
        sys.exit(f"error: {_told(error)}")
    except KeyboardInterrupt:
        sys.exit("stopped: what is finished is kept, the same command goes on from there")


def _told(error: SmearflowError | OSError | httpx.HTTPError) -> SmearflowError:
    if isinstance(error, httpx.HTTPError):  # downloads are the stages': only Prefect is asked here
        return SmearflowError(
            f"the Prefect server failed during the run: {first_line(error)}",
            "run the same command again: finished stages are kept",
        )
    return as_smearflow(error, PROJECT)


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)
