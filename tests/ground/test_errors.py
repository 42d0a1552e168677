import errno
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError, as_smearflow

PLACE = Path("project")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "full"), "project: No space left on device; make room there "),
        (OSError(errno.EROFS, "no", "a.txt"), "a.txt: Read-only file system; let this user "),
        (PermissionError(errno.EACCES, "no", "a.txt"), "a.txt: Permission denied; let this user "),
        (OSError(errno.ENAMETOOLONG, "no", "aaa"), "aaa: File name too long; shorten that name"),
        (OSError("of a library\n  of C"), "project: of a library of C; put that right and "),
    ],
)
def test_an_error_of_the_system_names_the_file_and_the_action(error: OSError, told: str) -> None:
    assert str(as_smearflow(error, PLACE)).startswith(told)


def test_an_error_of_our_own_stays_what_it_is() -> None:
    error = SmearflowError("a.txt is empty", "fill it")
    assert as_smearflow(error, PLACE) is error
