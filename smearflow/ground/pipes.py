"""A program whose output nobody reads any more, as in `... | head`, ends as other programs do."""

import os
import select
import signal
import sys


def end_if_unread(error: BaseException) -> None:
    """End this program quietly where an error means that the reader of its output has gone.

    Other pipes break too, which is worth a message: then this returns.

    Raises:
        SystemExit: with the status of a program that SIGPIPE ended.
    """
    if isinstance(error, BrokenPipeError) and _reader_gone():
        # what is still buffered would be written at exit, and fail there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)


def _reader_gone() -> bool:
    output = select.poll()
    output.register(sys.stdout, 0)  # errors are always reported
    return any(event & select.POLLERR for _, event in output.poll(0))
