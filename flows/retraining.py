"""The retraining flow: newly labelled cells, a challenger, and the decision between two models."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from flows import PROJECT, cli, history
from flows.artifacts import publish
from flows.labelled import appended, existing_labelled, judge_labelled, keep_labelled, new_sources
from flows.monitoring import Drift, champion_of
from flows.processes import exclusive
from flows.summary import columns, summarise
from flows.training import run_pipeline
from flows.workspaces import held, synchronise, workspace_folder, write_params
from smearflow.evaluation.metrics import METRICS
from smearflow.monitoring.policy import RETRAINING, should_retrain
from smearflow.params import load_params
from smearflow.registry import Champion, Registry, should_promote
from smearflow.report.sections import label, with_interval

FIGURES = "outputs/evaluate/metrics.json"


@flow(flow_run_name="retraining {profile}", persist_result=False)
def retraining(
    profile: str,
    cells: Path | None = None,
    drift: Drift | None = None,
    cooldown_hours: float = 24.0,
) -> str:
    """Train a challenger on the champion's data and newly labelled cells; the better one stays.

    The champion's own settings with the new sources appended go into a workspace of their own. One
    retraining of a profile runs at a time: a lock of the operating system says so, which a killed
    run cannot leave behind.

    Args:
        profile: whose champion is challenged.
        cells: folder of newly labelled cells, `<label>/<file>`; those handed in earlier count too.
        drift: set when an event of drift asks for it, which is then subject to the cooldown.
        cooldown_hours: from one retraining to the next that drift may start.

    Returns:
        What was decided, and why.

    Raises:
        SmearflowError: there is no champion, another retraining runs, the cells are no labelled
            cells or fail a critical expectation, or a stage failed.
    """
    lock = workspace_folder(PROJECT, f".{profile}.retraining.lock")
    with exclusive(lock, f"retraining of {profile}"):
        champion, now = champion_of(profile), datetime.now(UTC)
        params = load_params(champion.folder / "params.yaml")
        store = PROJECT / "data/labelled" / profile
        if cells is not None:
            suite = PROJECT / "expectations/feedback.json"
            judge_labelled(PROJECT / cells, params, suite, PROJECT / "reports/feedback" / profile)
            keep_labelled(store, PROJECT / cells, params.problem.classes)
        entries = new_sources(store, params.ingest.sources)
        decision = should_retrain(
            history.read(PROJECT, profile), now, timedelta(hours=cooldown_hours)
        )
        if not entries:
            result = f"no retraining: no labelled cells that {champion.model_id} has not seen"
        elif drift and not decision:
            result = f"no retraining: {decision.reason}"
        else:
            history.note(PROJECT, profile, RETRAINING, now, sources=[e["name"] for e in entries])
            result = _challenge(profile, champion, appended(params, entries))
        print(result, flush=True)
        create_markdown_artifact(f"```\n{result}\n```", key="decision")
        return result


def _challenge(profile: str, champion: Champion, values: list[tuple[str, Any]]) -> str:
    """Train a challenger in a workspace of its own; promote it if it is not worse."""
    registry = Registry(PROJECT / "registry")
    root = challenger_folder(PROJECT, profile)
    with held(root):
        synchronise(PROJECT, root)
        write_params(root, (champion.folder / "params.yaml").read_text(), values)
        outcome = run_pipeline(root, registry)
        challenger = json.loads((root / FIGURES).read_text())
        problem = load_params(root / "params.yaml").problem
        figures = rescore(champion, root)
        registry.note_look(
            challenger["test_sha256"],
            champion.metrics["model_sha256"],
            datetime.now(UTC),
            workspace=root.name,
        )
        decision = should_promote(
            figures,
            challenger["edge"],
            primary_metric=problem.primary_metric,
            required_sensitivity=problem.required_sensitivity,
        )
        stays = f"{champion.model_id} stays: {decision.reason}"
        if decision:
            new = registry.promote(profile, root, decision.reason, datetime.now(UTC))
            stays = f"{new.model_id} takes the place of {champion.model_id}: {decision.reason}"
        summary = summarise(outcome, stays)
        publish(root, outcome.runs, summary)
    return f"{_comparison(figures, challenger['edge'])}\n\n{summary}"


def challenger_folder(project: Path, profile: str) -> Path:
    """workspaces/<profile>-retraining-<n>, the first n without test figures.

    What a retraining left that was killed or failed, the next one goes on with.
    """
    folders = (workspace_folder(project, f"{profile}-retraining-{number}") for number in count(1))
    root = next(folder for folder in folders if not (folder / FIGURES).exists())
    root.mkdir(parents=True, exist_ok=True)
    return root


@task(cache_policy=NO_CACHE, persist_result=False)
def rescore(champion: Champion, root: Path) -> dict[str, dict[str, float | None]]:
    """The champion's edge model, at its own threshold, on the test cells of a challenger's run.

    Returns:
        {metric: {"value", "low", "high"}}, as evaluate has it for the challenger.
    """
    import numpy as np

    from smearflow.cells.arrays import load_side
    from smearflow.cells.images import pixels_of
    from smearflow.cells.ranges import Settled
    from smearflow.cells.raw import RawCells
    from smearflow.edge.runtime import EdgeModel
    from smearflow.evaluation.bootstrap import patient_bootstrap

    model, side = EdgeModel(champion.export), load_side(root / "outputs/split", "test")
    settings = load_params(root / "params.yaml").evaluate
    pixels = side.pixels
    if pixels.shape[1] != model.image_size:
        with RawCells(root / "outputs/ingest/raw") as raw:
            images = [
                pixels_of(raw.read(path), model.image_size, Settled(white))
                for path, white in side.table[["path", "white"]].itertuples(index=False)
            ]
        pixels = np.stack(images)
    estimates = patient_bootstrap(
        side.targets,
        model.predict(pixels)[0],
        side.patients,
        model.threshold,
        settings.bootstrap_samples,
        settings.seed,
    )
    return {name: estimates[name]._asdict() for name in METRICS}


def _comparison(champion: Mapping[str, Any], challenger: Mapping[str, Any]) -> str:
    rows = [("", "champion", "challenger")]
    rows += [
        (label(name), with_interval(champion[name]), with_interval(challenger[name]))
        for name in METRICS
    ]
    return "edge models on the challenger's test cells\n" + columns(rows)


def main() -> None:
    """Retrain with newly labelled cells; the new model is used only if it is not worse."""
    options = cli.parser("retraining", main.__doc__)
    options.add_argument("--cells", help="folder of newly labelled cells, <label>/<file>")
    arguments = options.parse_args()
    cells = cli.folder_of(arguments.cells)
    cli.run(
        lambda: retraining(arguments.profile, cells),
        check=lambda: _check(arguments.profile, cells),
        debug=arguments.debug,
    )


def _check(profile: str, cells: Path | None) -> None:
    params = load_params(champion_of(profile).folder / "params.yaml")
    if cells is not None:
        existing_labelled(cells, params.problem.classes)


if __name__ == "__main__":
    main()
