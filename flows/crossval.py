"""The cross-validation flow: every cell is predicted by a model that never saw its patient."""

from pathlib import Path
from typing import NamedTuple

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import PROJECT
from flows.settings import Request
from flows.summary import shown
from flows.tasks import run_stages, stage_order
from flows.worktrees import working_folder
from smearflow.params.whole import load_params
from smearflow.records.figures import Estimates
from smearflow.report.text import columns, display_name, number, with_interval
from smearflow.report.units import unit_of_run

THRESHOLD = 0.5  # no fold has validation patients to choose another on


class Fold(NamedTuple):
    """A row of `fold_table`."""

    number: int
    cells: int
    patients: int
    accuracy: float


@flow(flow_run_name="crossval {profile}", persist_result=False)
def crossval(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    overrides: list[str] | None = None,
) -> Estimates:
    """Cross-validate the configuration in `crossval` over the patients of all sides together.

    Finished folds are kept in work/crossval: a run that was killed goes on after them.

    Args:
        profile: a file of profiles/, without .yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        overrides: single settings, as `crossval.folds=10`.

    Returns:
        By metric, over the cells of all folds.

    Raises:
        SmearflowError: what was asked for makes no run, or a stage or a fold failed.
    """
    request = Request(data, backbone, overrides=tuple(overrides or ()))
    with working_folder(PROJECT, profile, request, purpose="crossval") as root:
        run_stages(root, stage_order(root, until="split"))
        folds, pooled = cross_validate_in(root)
        summary = _summarise(root, folds, pooled)
        print(f"\n{summary}", flush=True)
        create_markdown_artifact(f"```\n{summary}\n```", key="crossval")
    return pooled


@task(name="crossval", cache_policy=NO_CACHE, persist_result=False)
def cross_validate_in(root: Path) -> tuple[list[Fold], Estimates]:
    """Run the folds in a folder whose cells have been split, and write reports/crossval.

    Returns:
        A row per fold, and the estimates over all of them.
    """
    import numpy as np
    import pandas as pd

    from smearflow.assessment.bootstrap import INTERVAL, patient_bootstrap
    from smearflow.evaluation.metrics import METRICS
    from smearflow.model.backbone import backbone_of
    from smearflow.report.crossval import write_crossval
    from smearflow.sides.side import Side, load_side
    from smearflow.studies.crossval import cross_validate, fold_table

    params = load_params(root / "params.yaml")
    settings, work = params.crossval, root / "work/crossval"
    work.mkdir(parents=True, exist_ok=True)
    sides = [load_side(root / "outputs/split", side) for side in ("train", "validation", "test")]
    predictions = cross_validate(
        Side(
            np.concatenate([side.pixels for side in sides]),
            pd.concat([side.table for side in sides], ignore_index=True),
        ),
        backbone_of(params.model, root, params.locations),
        settings.configuration,
        settings.folds,
        settings.seed,
        work,
        input_range=params.model.input_range,
        least_class_share=params.model.least_class_share,
    )
    estimates = patient_bootstrap(
        predictions["target"],
        predictions["probability"],
        predictions["patient"],
        THRESHOLD,
        params.evaluate.bootstrap_samples,
        params.evaluate.seed,
    )
    pooled = {name: estimates[name] for name in METRICS}
    table = fold_table(predictions)
    details = {
        "configuration": settings.configuration.model_dump(mode="json"),
        "interval": INTERVAL,
        "seed": settings.seed,
        "threshold": THRESHOLD,
    }
    write_crossval(
        root / "reports/crossval", predictions, table, pooled, details, unit_of_run(root)
    )
    folds = [Fold(*row) for row in table.itertuples(index=False)]
    return folds, pooled


def _summarise(root: Path, folds: list[Fold], pooled: Estimates) -> str:
    unit = unit_of_run(root)
    rows = [("fold", "cells", unit.many, "accuracy")]
    rows += [
        (
            number(fold.number),
            number(fold.cells),
            number(fold.patients),
            number(fold.accuracy, 4),
        )
        for fold in folds
    ]
    figures = [(display_name(name), with_interval(figure)) for name, figure in pooled.items()]
    return (
        f"{columns(rows)}\n\n"
        f"all folds together (in brackets: {unit.instead('patient bootstrap, 95 %')})\n"
        f"{columns(figures)}\n\n"
        f"  look at {shown(root / 'reports/crossval')}"
    )
