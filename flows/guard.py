"""Runs a command that must not outlive whoever needs it, however they die.

    python guard.py - COMMAND...            until standard input is closed: its starter is gone
    python guard.py LOCK_FILE COMMAND...    until nobody holds a shared lock on the file

Start it in a session of its own: the whole process group is ended, with what COMMAND started.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

GRACE_SECONDS = 10.0


def _end_when_unneeded(watched: str, command: "subprocess.Popen[bytes]") -> None:
    if watched == "-":
        os.read(0, 1)  # not sys.stdin: its buffer would be locked when the interpreter ends
    else:
        lock = Path(watched).open()  # noqa: SIM115  held until this process ends
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.killpg(0, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        command.wait(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Run the command; exits with its status."""
    watched, *arguments = sys.argv[1:]
    # a no-op rather than "ignore": children inherit only the latter
    signal.signal(signal.SIGTERM, lambda *_: None)
    command = subprocess.Popen(arguments, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_when_unneeded, args=(watched, command), daemon=True).start()
    sys.exit(command.wait())


if __name__ == "__main__":
    main()
