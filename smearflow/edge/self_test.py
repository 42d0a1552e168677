"""A few cells that travel with an exported model, and what it makes of them.

A wrong feed of a network is no error: pixels in 0..1 instead of 0..255 give probabilities as well,
for nearly all cells the same. So the runtime takes these cells all the way from the file to the
probability before it takes others.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import file_sha256

FOLDER = "self_test"


def self_test(
    folder: Path, test: Mapping[str, Any], file: str, probability: Callable[[bytes], float]
) -> None:
    """Compare a model's probabilities of the self-test's cells with those noted at the export.

    Args:
        folder: of the export.
        test: the key `self_test` of edge.json.
        file: name of the model's file.
        probability: of the positive class, of the bytes of an image file.

    Raises:
        SmearflowError: a cell's file is missing or damaged, or a probability differs.
    """
    wrong, tolerance = [], test["tolerance"][file]
    for cell in test["cells"]:
        path = folder / cell["file"]
        if not path.is_file() or file_sha256(path) != cell["sha256"]:
            raise SmearflowError(
                f"{path} is missing or not the file that edge.json names",
                "copy the whole folder again, or run the stage export",
            )
        expected, found = cell["probability"][file], probability(path.read_bytes())
        if not abs(found - expected) <= tolerance:
            wrong.append(f"{cell['file']} gets {found:.3f}, expected {expected:.3f}")
    if wrong:
        raise SmearflowError(
            f"{folder / file} fails {len(wrong)} of {len(test['cells'])} cells of its self-test, "
            f"first: {wrong[0]}",
            "feed it as `input` of edge.json says (range, channels, resizing), on a sound "
            "installation of LiteRT and Pillow",
        )
