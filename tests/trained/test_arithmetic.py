import os
import subprocess
import sys

from smearflow import ARITHMETIC
from smearflow.trained.arithmetic import arithmetic
from tests.material import PROJECT


def test_no_environment_decides_the_last_bits() -> None:
    other = dict.fromkeys(ARITHMETIC, "7")
    program = "import os, smearflow; print([os.environ[name] for name in smearflow.ARITHMETIC])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | other,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(list(ARITHMETIC.values()))


def test_what_decided_them_is_told() -> None:
    told = arithmetic()
    assert ARITHMETIC.items() <= told.items()
    assert {"processor", "tensorflow", "keras", "numpy"} <= told.keys()
    assert all(told.values())
