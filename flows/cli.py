"""What the verbs that are flows share: what is asked of them, a server, an end on signals."""

import shlex
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from flows import PROJECT
from flows.server import connected
from flows.settings import Request, check_request
from smearflow.ground.errors import SmearflowError
from smearflow.ground.proxies import check_proxies
from smearflow.ground.stderr import libraries_into, library_log


def run_request(name: str, profile: str, settings: str | None, **places: str | None) -> None:
    """`run_served` for what is asked of a flow, once that makes a run.

    Args:
        settings: single values, as in "train.epochs=5 tune.trials=3".
        places: data, backbone and incoming, as far as the flow takes them.

    Raises:
        SmearflowError: what is asked for makes no run, or the flow failed.
    """
    request = Request(**places, overrides=tuple(split_words(settings or "")))
    run_served(
        name,
        profile,
        **places,
        overrides=list(request.overrides),
        check=lambda: check_request(PROJECT, profile, request),
    )


def run_served(
    name: str,
    profile: str,
    *arguments: object,
    check: Callable[[], object],
    **named: object,
) -> None:
    """Run a flow with a Prefect server; on Ctrl-C the running stage is ended with all it started.

    Args:
        name: of the flow and of its module, which is imported last: Prefect takes seconds.
        check: raises what the flow would soon raise, without waiting for a server.
    """
    log = library_log(PROJECT, f"{name}-{profile}")
    try:
        check()
        check_proxies()
        flow: Callable[..., object] = getattr(import_module(f"flows.{name}"), name)
        with connected(PROJECT), libraries_into(log):
            flow(profile, *arguments, **named)
    except KeyboardInterrupt:
        sys.exit("stopped: what is finished is kept, the same command goes on from there")


def folder_of(text: str | None) -> Path | None:
    """The folder an option names, absolute; None where it is not given."""
    return Path(text).expanduser().absolute() if text else None


def split_words(text: str) -> list[str]:
    """Split at spaces outside quotes and of values in brackets: `a={x: 1, y: 2} b=3` are two.

    A backslash is itself, as in a regular expression.

    Raises:
        SmearflowError: a quote has no partner.
    """
    found = shlex.shlex(text, posix=True, punctuation_chars=False)
    found.whitespace_split, found.commenters, found.escape = True, "", ""
    try:
        words = list(found)
    except ValueError as error:
        raise SmearflowError(
            f"SET has a quote without its partner: {text!r}",
            'put that value into the other kind of quote, as in key="a cell\'s place"',
        ) from error
    whole: list[str] = []
    for word in words:
        if whole and _is_open(whole[-1]):
            whole[-1] += f" {word}"
        else:
            whole.append(word)
    return whole


def _is_open(word: str) -> bool:
    """Whether the value of a setting begins with a bracket that is still to be closed."""
    value = word.partition("=")[2]
    pair = {"{": "}", "[": "]"}.get(value[:1])
    return pair is not None and value.count(value[0]) > value.count(pair)
