"""A toy stage: figures of the toy model on the test side."""

import pandas as pd

from smearflow.assessment.bootstrap import INTERVAL, patient_bootstrap
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.ground.files import file_sha256
from smearflow.params.evaluate import Evaluate
from smearflow.records.figures import Confusion, ConfusionIntervals, Figures
from smearflow.records.training import Target
from smearflow.sides.side import load_side
from stages.runner import Folders, run


def evaluate(settings: Evaluate, folders: Folders) -> None:
    """Write metrics.json and per_patient.csv."""
    model = EdgeModel(folders.inputs("export"))
    side = load_side(folders.inputs("split"), "test")
    probabilities = model.predict(side.pixels)[0]
    estimates = patient_bootstrap(
        side.targets, probabilities, side.patients, 0.5, settings.bootstrap_samples, 1
    )
    figures = {name: estimates[name] for name in METRICS}
    Figures(
        cells=len(side.targets),
        patients=len(set(side.patients)),
        threshold=0.5,
        model=figures,
        edge=figures,
        interval=INTERVAL,
        confusion=Confusion(**{name: int(estimates[name].value or 0) for name in CONFUSION}),
        confusion_intervals=ConfusionIntervals(
            **{name: (estimates[name].low, estimates[name].high) for name in CONFUSION}
        ),
        targets=(Target(side="test", metric="accuracy", target=0.1, value=1.0, met=True),),
        overridden=False,
        overridden_reasons=(),
        edge_sha256="0" * 64,
        model_sha256=file_sha256(folders.inputs("export") / "m.tflite"),
        test_sha256=file_sha256(folders.inputs("split") / "test.npy"),
    ).write(folders.outputs)
    table = pd.DataFrame({"patient": sorted(set(side.patients)), "accuracy": 1.0})
    table.to_csv(folders.outputs / "per_patient.csv", index=False)


if __name__ == "__main__":
    run(evaluate)
