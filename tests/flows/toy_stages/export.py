"""A toy stage: fails with seed 13, is ended by a library with seed 66, waits with seed 99."""

import os
import subprocess

from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.params.problem import Problem
from smearflow.params.split import Split
from smearflow.params.train import Train
from stages.runner import Folders, run


def export(train: Train, problem: Problem, split: Split, folders: Folders) -> None:
    """Write the description of a model that reads the label off the pixels."""
    if train.seed == 13:
        raise SmearflowError("train.seed is unlucky", "set another one")
    if train.seed == 99:
        print(f"waiting as {os.getpid()}", flush=True)
        subprocess.run(["sleep", "600"], check=True)
    os.write(2, b"E0000 00:00:17 9 util.cc:131] native code of this process\n")
    subprocess.run(["sh", "-c", "echo native code of a worker >&2"], check=True)
    if train.seed == 66:
        os.write(2, b"F0000 00:00:17 9 tensor.cc:7] Check failed\n")
        os.abort()
    model = {"agreement": 1.0, "bytes": 9, "largest_difference": 0.0, "sha256": "0" * 64}
    edge = {"chosen": "m.tflite", "models": {"m.tflite": model}, "reason": "the only one"}
    folders.outputs.joinpath("m.tflite").write_text(f"{train.seed}")
    write_json(
        folders.outputs / "edge.json",
        edge | {"classes": problem.classes, "image_size": split.image_size} | {"threshold": 0.5},
    )


if __name__ == "__main__":
    run(export)
