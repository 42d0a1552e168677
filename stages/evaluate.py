"""Look at the test set: figures with intervals, targets met or missed, errors by patient."""

from smearflow.assessment.assessment import EDGE, MODEL, Assessment, assess
from smearflow.assessment.bootstrap import AT_PREVALENCE, INTERVAL
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.evaluation.targets import check_targets, describe_target, may_look
from smearflow.model.training import predict
from smearflow.params.evaluate import Evaluate
from smearflow.params.problem import HeldOutProblem
from smearflow.records.figures import AtPrevalence, Confusion, ConfusionIntervals, Figures, Look
from smearflow.records.split import Split
from smearflow.records.training import Training
from smearflow.sides.side import load_side
from smearflow.sides.tables import write_table
from smearflow.trained.store import load_model
from stages.runner import Folders, run


def evaluate(settings: Evaluate, problem: HeldOutProblem, folders: Folders) -> None:
    """Look at the test set: figures with intervals, targets met or missed, errors by patient.

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
    figures = _figures(assessment, problem, look, edge.sha256, overridden)
    figures.write(folders.outputs)
    predictions = side.table[["cell_id", "patient", "target"]].assign(
        probability=scores[MODEL], edge_probability=scores[EDGE]
    )
    write_table(predictions, folders.outputs / "predictions.parquet")
    assessment.by_patient.to_csv(folders.outputs / "per_patient.csv", index=False)
    _report(figures)


def _figures(
    assessment: Assessment,
    problem: HeldOutProblem,
    look: Look,
    edge_sha256: str,
    overridden: tuple[str, ...],
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
        at_prevalence=_at_prevalence(assessment, problem.prevalence),
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


def _at_prevalence(assessment: Assessment, stated: float | None) -> AtPrevalence:
    model, edge = (assessment.figures[name][AT_PREVALENCE] for name in (MODEL, EDGE))
    share = float(assessment.targets.mean()) if stated is None else stated
    return AtPrevalence(prevalence=share, stated=stated is not None, model=model, edge=edge)


def _report(figures: Figures) -> None:
    print(f"{'test figures':<20}{MODEL:<22}{EDGE:<22}in brackets: {INTERVAL}", flush=True)
    for name in METRICS:
        model, edge = str(figures.model[name]), str(figures.edge[name])
        print(f"{name:<20}{model:<22}{edge}", flush=True)
    if found := figures.at_prevalence:
        name = f"precision at {found.prevalence:.2g}"
        print(f"{name:<20}{found.model!s:<22}{found.edge}", flush=True)
    for target in figures.targets:
        print(describe_target(target), flush=True)


if __name__ == "__main__":
    run(evaluate)
