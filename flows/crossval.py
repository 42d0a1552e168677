"""The cross-validation flow: every cell is predicted by a model that never saw its patient."""

from pathlib import Path

import pandas as pd
from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import PROJECT
from flows.backbones import pin_backbone
from flows.settings import Request
from flows.summary import shown
from flows.tasks import run_stages, stage_order
from flows.worktrees import working_folder
from smearflow.params.whole import Params, load_params
from smearflow.records.crossval import CrossvalFigures
from smearflow.report.crossval import crossval_text, write_crossval
from smearflow.report.label_errors import write_label_errors
from smearflow.report.units import unit_of_run
from smearflow.sides.side import Side, joined, load_side

REPORTS = "reports/crossval"


@flow(flow_run_name="crossval {profile}", persist_result=False)
def crossval(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    overrides: list[str] | None = None,
) -> CrossvalFigures:
    """Cross-validate the configuration in `crossval` over the patients of all sides together.

    Likely wrong labels are listed beside the figures. Finished folds are kept in work/crossval: a
    run that was killed goes on after them.

    Args:
        profile: a file of profiles/, without .yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        overrides: single settings, as `crossval.folds=10`.

    Raises:
        SmearflowError: what was asked for makes no run, or a stage or a fold failed.
    """
    request = Request(data, backbone, overrides=tuple(overrides or ()))
    with working_folder(PROJECT, profile, request, purpose="crossval") as root:
        pin_backbone(PROJECT, profile, root)
        run_stages(root, stage_order(root, until="split"))
        figures = cross_validate_in(root)
        summary = _summarise(root, figures)
        print(f"\n{summary}", flush=True)
        create_markdown_artifact(f"```\n{summary}\n```", key="crossval")
    return figures


@task(name="crossval", cache_policy=NO_CACHE, persist_result=False)
def cross_validate_in(root: Path) -> CrossvalFigures:
    """Run the folds in a folder whose cells have been split, and write reports/crossval."""
    from smearflow.studies.crossval_figures import crossval_figures, mean_over_seeds
    from smearflow.studies.label_errors import likely_wrong

    params = load_params(root / "params.yaml")
    sides = [load_side(root / "outputs/split", side) for side in ("train", "validation", "test")]
    cells = joined(sides)
    by_seed = _predict_all(root, params, cells)
    figures = crossval_figures(by_seed, params.crossval, params.evaluate)
    folder, unit, together = root / REPORTS, unit_of_run(root), mean_over_seeds(by_seed)
    write_crossval(folder, by_seed, figures, unit)
    doubted = likely_wrong(together["target"], together["probability"])
    write_label_errors(
        folder, cells, together["probability"], doubted, params.problem.classes, unit
    )
    return figures


def _predict_all(root: Path, params: Params, cells: Side) -> dict[int, pd.DataFrame]:
    """By seed of the training, a row per cell."""
    from smearflow.model.backbone import backbone_of
    from smearflow.studies.crossval import cross_validate

    settings, work = params.crossval, root / "work/crossval"
    work.mkdir(parents=True, exist_ok=True)
    found = {}
    for seed in settings.seeds:
        if len(settings.seeds) > 1:
            print(f"crossval with seed {seed} of the training", flush=True)
        found[seed] = cross_validate(
            cells,
            backbone_of(params.model, root, params.locations),
            settings.configuration,
            settings.folds,
            settings.seed,
            work,
            training_seed=seed,
            input_range=params.model.input_range,
            least_class_share=params.model.least_class_share,
        )
    return found


def _summarise(root: Path, figures: CrossvalFigures) -> str:
    text = crossval_text(figures, unit_of_run(root))
    return f"{text}\n\n  look at {shown(root / REPORTS)}"
