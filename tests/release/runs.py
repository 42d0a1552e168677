"""What a finished run leaves, as far as a promotion reads it."""

from pathlib import Path

from smearflow.ground.files import write_json
from tests.material import CLASSES, PROJECT, short_params
from tests.stages.project import write_params

EDGE = {
    "chosen": "model.tflite",
    "classes": CLASSES[::-1],
    "image_size": 32,
    "models": {"model.tflite": {"sha256": "0" * 64}},
    "threshold": 0.4,
}


def finished_run(root: Path, model: str) -> Path:
    """Write the results of a run whose model is these words; returns `root`."""
    results = {
        "export/edge.json": EDGE | {"reason": model},
        "baseline/baseline.json": {"of": model},
        "evaluate/metrics.json": {"of": model},
    }
    for name, content in results.items():
        (root / "outputs" / name).parent.mkdir(parents=True, exist_ok=True)
        write_json(root / "outputs" / name, content)
    (root / "outputs/export/self_test").mkdir(exist_ok=True)
    (root / "outputs/export/self_test/1.png").write_text(model)
    write_params(root, short_params(Path("cells"), Path("module")))
    suite = root / "expectations/incoming.json"
    suite.parent.mkdir(exist_ok=True)
    suite.write_bytes((PROJECT / "expectations/incoming.json").read_bytes())
    return root
