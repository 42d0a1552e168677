"""Small whole records of a run, for whoever needs what a stage left; change what matters."""

from smearflow.evaluation.metrics import METRICS
from smearflow.params.model import Configuration
from smearflow.records.edge import EdgeFile, EdgeMetadata
from smearflow.records.figures import Confusion, ConfusionIntervals, Estimate, Figures
from smearflow.records.operating import AnswerLimits, OperatingPoint, PatientRate
from smearflow.records.split import SideFacts, Sides, Split
from smearflow.records.training import FinalCurve, History, Metrics, Target, Training
from smearflow.records.verdict import DriftScore, PatientNames, Verdict, WindowFacts

CLASSES = ("Uninfected", "Parasitized")
MET = Target(side="validation", metric="accuracy", target=0.1, value=0.5, met=True)
FIGURE = Estimate(value=0.95, low=0.93, high=0.97)

OPERATING = OperatingPoint(
    sensitivity=PatientRate(mean=0.95, deviation=0.03, standard_error=0.01, patients=12, cells=240),
    specificity=PatientRate(
        mean=0.97, deviation=0.02, standard_error=0.008, patients=12, cells=240
    ),
    temperature=1.3,
    answers=AnswerLimits(lower=0.1, upper=0.7, most_errors=0.02, patients=12, held=False),
)
TRAINING = Training(
    configuration=Configuration(),
    model_sha256="a" * 64,
    threshold=0.4,
    operating=OPERATING,
    validation=Metrics(**dict.fromkeys(METRICS, 0.9)),
    targets=(MET,),
    diagnosis="healthy",
    arithmetic={"processor": "a slow one"},
)
HISTORY = History(
    curve=FinalCurve(
        loss=(0.5, 0.3, 9.0),
        accuracy=(0.7, 0.9, 0.5),
        val_loss=(0.6, None, 9.0),
        val_accuracy=(0.6, 0.8, 0.5),
        learning_rate=(0.1, 0.1, 0.1),
        gradient_norm=(1.0, 1.0, 1.0),
    ),
    diagnosis="healthy",
    best_epoch=2,
    epochs=3,
    weight_change={"first kernel": 0.1},
)
EXPORT = EdgeMetadata(
    chosen="model.tflite",
    classes=CLASSES,
    threshold=0.4,
    image_size=32,
    models={
        "model.tflite": EdgeFile(bytes=9, sha256="0" * 64, agreement=1.0, largest_difference=0.0)
    },
    reason="the only one",
)
FIGURES = Figures(
    cells=480,
    patients=12,
    threshold=0.4,
    model=dict.fromkeys(METRICS, FIGURE),
    edge=dict.fromkeys(METRICS, FIGURE),
    interval="95 %, bootstrap over patients",
    confusion=Confusion(tn=230, fp=10, fn=14, tp=226),
    confusion_intervals=ConfusionIntervals(
        tn=(220.0, 240.0), fp=(5.0, 15.0), fn=(10.0, 20.0), tp=(220.0, 230.0)
    ),
    targets=(),
    overridden=False,
    overridden_reasons=(),
    edge_sha256="0" * 64,
    model_sha256="a model",
    test_sha256="a test set",
)
_SIDE = SideFacts(cells=480, patients=12, positive=240, negative=240, sha256="hash of test")
SPLIT = Split(
    image_size=32,
    classes=CLASSES,
    grouped_by={"nih": "patient"},
    sides=Sides(train=_SIDE, validation=_SIDE, test=_SIDE),
    quarantined=0,
    left_out=0,
    without_patient=0,
)
VERDICT = Verdict(
    verdict="stable",
    classes=CLASSES,
    least_cells=30,
    window=WindowFacts(
        files=2580,
        cells=2580,
        compared=2580,
        patients=16,
        names=PatientNames(patients=16, cells=2580, unnamed=0, usual=160.0),
        sha256="0" * 64,
        no_cells=0,
        no_cell_kinds=(),
        no_cell_files=(),
        repeats=0,
        repeat_files=(),
        undecodable=0,
        undecodable_files=(),
    ),
    checks=None,
    scores=(
        DriftScore(
            group="image statistics",
            name="sharpness",
            method="wasserstein",
            score=0.1,
            limit=0.2,
            drifted=False,
            window=1100.0,
            baseline=1000.0,
            deviation=500.0,
        ),
    ),
    site=None,
    share=0.0,
    predicted_positive_share=0.5,
    model_sha256="0" * 64,
    stand_in=False,
    patients=None,
)
