"""Look at the test set: figures with intervals, targets, errors by patient, slices."""

import numpy as np
import pandas as pd

from smearflow.assessment.assessment import EDGE, MODEL, Assessment, assess
from smearflow.assessment.bootstrap import AT_PREVALENCE, INTERVAL
from smearflow.assessment.clinic import with_parasitaemia
from smearflow.assessment.in_use import InUse, in_use
from smearflow.assessment.occlusion import cells_to_explain, occlusion_maps, patch_side
from smearflow.assessment.paired import Scores
from smearflow.assessment.partitions import LOOKS, look_parts, patient_parts, stain_parts
from smearflow.assessment.payoff import compared
from smearflow.assessment.slices import TWO_STAGE, slice_figures
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.evaluation.targets import check_targets, describe_target, may_look
from smearflow.model.quiet import keras
from smearflow.model.training import predict
from smearflow.params.evaluate import Evaluate
from smearflow.params.problem import HeldOutProblem
from smearflow.records.explained import MAPS, Explained
from smearflow.records.figures import (
    AtPrevalence,
    Confusion,
    ConfusionIntervals,
    Figures,
    Look,
    Payoff,
)
from smearflow.records.slices import Slices
from smearflow.records.split import Split
from smearflow.records.training import DefaultTraining, Training
from smearflow.sides.side import Side, load_side
from smearflow.sides.tables import read_table, write_table
from smearflow.trained.store import load_model
from stages.runner import Folders, run


def evaluate(settings: Evaluate, problem: HeldOutProblem, folders: Folders) -> None:
    """Look at the test set: figures with intervals, targets, errors by patient, slices.

    Refuses when the model missed its validation targets or diverged, unless
    evaluate.despite_missed_targets is set.
    """
    trained = Training.read(folders.root)
    despite = settings.despite_missed_targets
    overridden = may_look(trained.targets, trained.diagnosis, despite)
    for reason in overridden:
        print(f"warning: looking at the test set although {reason}", flush=True)

    side = load_side(folders.inputs("split"), "test")
    model = load_model(folders.inputs("train") / "model")
    edge = EdgeModel(folders.inputs("export"))
    scores = {MODEL: predict(model, side.pixels)[0], EDGE: edge.predict(side.pixels)[0]}
    assessment = assess(
        side.targets,
        side.patients,
        problem.classes,
        trained.threshold,
        edge.threshold,
        scores,
        samples=settings.bootstrap_samples,
        seed=settings.seed,
        prevalence=problem.prevalence,
    )
    look = Look(
        model_sha256=trained.model_sha256,
        test_sha256=Split.read(folders.root).sides.test.sha256,
    )
    used = in_use(
        assessment,
        trained.operating,
        read_table(folders.inputs("train") / "validation_predictions.parquet"),
        problem.least_parasitaemia,
        problem.required_sensitivity,
        samples=settings.bootstrap_samples,
        seed=settings.seed,
    )
    gained = _payoff(assessment, side, settings, folders)
    figures = _figures(assessment, problem, look, edge.sha256, overridden, used, gained)
    figures.write(folders.outputs)
    predictions = side.table[["cell_id", "patient", "target"]].assign(
        probability=scores[MODEL], edge_probability=scores[EDGE]
    )
    write_table(predictions, folders.outputs / "predictions.parquet")
    by_patient = with_parasitaemia(
        assessment.by_patient, trained.operating, problem.least_parasitaemia
    )
    by_patient.to_csv(folders.outputs / "per_patient.csv", index=False)
    _report(figures)
    _slices(assessment, side, settings, folders)
    _explain(assessment, side, model, folders)


def _figures(
    assessment: Assessment,
    problem: HeldOutProblem,
    look: Look,
    edge_sha256: str,
    overridden: tuple[str, ...],
    used: InUse,
    gained: Payoff,
) -> Figures:
    model, edge = (assessment.figures[name] for name in (MODEL, EDGE))
    values = {name: model[name].value for name in METRICS}
    counts = {name: int(model[name].value or 0) for name in CONFUSION}
    intervals = {name: (model[name].low, model[name].high) for name in CONFUSION}
    return Figures(
        cells=len(assessment.targets),
        patients=len(set(assessment.patients)),
        threshold=assessment.threshold,
        edge_threshold=assessment.edge_threshold,
        model={name: model[name] for name in METRICS},
        edge={name: edge[name] for name in METRICS},
        **used,
        at_prevalence=_at_prevalence(assessment, problem.prevalence),
        payoff=gained,
        interval=INTERVAL,
        confusion=Confusion(**counts),
        confusion_intervals=ConfusionIntervals(**intervals),
        targets=check_targets("test", problem.targets.test, values, problem.required_sensitivity),
        overridden=bool(overridden),
        overridden_reasons=overridden,
        edge_sha256=edge_sha256,
        model_sha256=look.model_sha256,
        test_sha256=look.test_sha256,
    )


def _payoff(assessment: Assessment, side: Side, settings: Evaluate, folders: Folders) -> Payoff:
    """The model beside the default, in the same look at the test side."""
    default = DefaultTraining.read(folders.root)
    if default.threshold is None:
        return Payoff(outcome="same" if default.outcome == "same" else "diverged")
    usual = load_model(folders.inputs("train") / DefaultTraining.MODEL)
    return compared(
        side.targets,
        side.patients,
        Scores(assessment.scores[MODEL], assessment.threshold),
        Scores(predict(usual, side.pixels)[0], default.threshold),
        samples=settings.bootstrap_samples,
        seed=settings.seed,
    )


def _at_prevalence(assessment: Assessment, stated: float | None) -> AtPrevalence:
    model, edge = (assessment.figures[name][AT_PREVALENCE] for name in (MODEL, EDGE))
    share = float(assessment.targets.mean()) if stated is None else stated
    return AtPrevalence(prevalence=share, stated=stated is not None, model=model, edge=edge)


def _report(figures: Figures) -> None:
    print(f"{'test figures':<20}{MODEL:<22}{EDGE:<22}in brackets: {INTERVAL}", flush=True)
    for name in METRICS:
        model, edge = str(figures.model[name]), str(figures.edge[name])
        print(f"{name:<20}{model:<22}{edge}", flush=True)
    if by_patient := figures.by_patient:
        for name in ("accuracy", "worst_tenth"):
            model, edge = (str(getattr(each, name)) for each in (by_patient.model, by_patient.edge))
            print(f"{'patients, ' + name:<22}{model:<22}{edge}", flush=True)
    if found := figures.at_prevalence:
        name = f"precision at {found.prevalence:.2g}"
        print(f"{name:<20}{found.model!s:<22}{found.edge}", flush=True)
    for target in figures.targets:
        print(describe_target(target), flush=True)


def _slices(assessment: Assessment, side: Side, settings: Evaluate, folders: Folders) -> None:
    """Figures of the Keras model on parts of the cells, and which part each cell is in."""
    training = read_table(folders.inputs("split") / "train.parquet")
    stain, stains = stain_parts(training, side.table)
    looks = (stain, *(look_parts(training, side.table, name) for name in LOOKS))
    slices = slice_figures(
        assessment.targets,
        assessment.scores[MODEL],
        assessment.patients,
        assessment.threshold,
        (patient_parts(assessment.patients), *looks),
        settings.bootstrap_samples,
        settings.seed,
    )
    Slices(interval=TWO_STAGE, stains=tuple(stains), slices=slices).write(folders.outputs)
    parts = pd.DataFrame({each.dimension: each.parts for each in looks})
    write_table(parts.assign(cell_id=side.table["cell_id"]), folders.outputs / "slices.parquet")
    for each in filter(lambda each: each.worse, slices):
        told = f"{each.dimension} {each.part}: accuracy {each.accuracy}, the rest {each.rest:.3f}"
        print(f"worse on {each.cells} cells than on the rest: {told}", flush=True)


def _explain(assessment: Assessment, side: Side, model: keras.Model, folders: Folders) -> None:
    """What the Keras model looks at, of a few cells."""
    cells = cells_to_explain(assessment.targets, assessment.scores[MODEL], assessment.threshold)
    pixels = side.pixels[[each.index for each in cells]]
    maps = occlusion_maps(pixels, lambda images: predict(model, images)[0])
    np.save(folders.outputs / MAPS, maps)
    Explained(patch=patch_side(pixels.shape[1]), cells=cells).write(folders.outputs)


if __name__ == "__main__":
    run(evaluate)
