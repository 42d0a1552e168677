"""Look at the test set: figures with intervals, targets met or missed, errors by patient."""

import json
from typing import Any

from smearflow.assessment.assessment import EDGE, MODEL, Assessment, assess
from smearflow.assessment.bootstrap import INTERVAL
from smearflow.edge.runtime import EdgeModel
from smearflow.evaluation.metrics import CONFUSION, METRICS
from smearflow.evaluation.targets import check_targets, describe_row, may_look
from smearflow.ground.files import write_json
from smearflow.model.training import predict
from smearflow.params.evaluate import Evaluate
from smearflow.params.problem import HeldOutProblem
from smearflow.sides.side import load_side
from smearflow.sides.tables import write_table
from smearflow.trained.store import load_model
from stages.runner import Folders, run


def evaluate(settings: Evaluate, problem: HeldOutProblem, folders: Folders) -> None:
    """Look at the test set: figures with intervals, targets met or missed, errors by patient.

    Refuses when the model missed its validation targets or diverged, unless
    evaluate.despite_missed_targets is set.
    """
    trained = json.loads((folders.inputs("train") / "summary.json").read_text())
    overridden = may_look(trained, settings.despite_missed_targets)
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
        trained["threshold"],
        scores,
        samples=settings.bootstrap_samples,
        seed=settings.seed,
    )
    rows = _check_targets(problem, assessment)
    split = json.loads((folders.inputs("split") / "summary.json").read_text())
    metrics = {
        **_describe(assessment),
        "edge_sha256": edge.sha256,
        "model_sha256": trained["model_sha256"],
        "overridden": bool(overridden),
        "overridden_reasons": overridden,
        "targets": rows,
        "test_sha256": split["sides"]["test"]["sha256"],
    }
    write_json(folders.outputs / "metrics.json", metrics)
    predictions = side.table[["cell_id", "patient", "target"]].assign(
        probability=scores[MODEL], edge_probability=scores[EDGE]
    )
    write_table(predictions, folders.outputs / "predictions.parquet")
    assessment.by_patient.to_csv(folders.outputs / "per_patient.csv", index=False)
    _report(assessment, rows)


def _check_targets(problem: HeldOutProblem, assessment: Assessment) -> list[dict[str, Any]]:
    values = {name: assessment.figures[MODEL][name].value for name in METRICS}
    return check_targets("test", problem.targets.test, values, problem.required_sensitivity)


def _describe(assessment: Assessment) -> dict[str, Any]:
    model, edge = (assessment.figures[name] for name in (MODEL, EDGE))
    return {
        "cells": len(assessment.targets),
        "confusion": {name: int(model[name].value or 0) for name in CONFUSION},
        "confusion_intervals": {name: [model[name].low, model[name].high] for name in CONFUSION},
        "edge": {name: edge[name]._asdict() for name in METRICS},
        "interval": INTERVAL,
        "model": {name: model[name]._asdict() for name in METRICS},
        "patients": len(set(assessment.patients)),
        "threshold": assessment.threshold,
    }


def _report(assessment: Assessment, rows: list[dict[str, Any]]) -> None:
    print(f"{'test figures':<20}{MODEL:<22}{EDGE:<22}in brackets: {INTERVAL}", flush=True)
    for name in METRICS:
        columns = [str(assessment.figures[which][name]) for which in (MODEL, EDGE)]
        print(f"{name:<20}{columns[0]:<22}{columns[1]}", flush=True)
    for row in rows:
        print(describe_row(row), flush=True)


if __name__ == "__main__":
    run(evaluate)
