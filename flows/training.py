"""The training flow: all stages of a profile in its workspace, and what follows from them."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from flows import PROJECT, cli
from flows.artifacts import publish
from flows.incoming import place_stand_in
from flows.report import note_look
from flows.summary import Outcome, summarise
from flows.tasks import run_stages, stage_order
from flows.workspaces import Request, workspace
from smearflow.registry import Registry
from smearflow.report.pages import write_report


@flow(flow_run_name="training {profile}", persist_result=False)
def training(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    incoming: str | None = None,
    overrides: list[str] | None = None,
) -> str:
    """Train, test and export the model of a profile, and judge an incoming window with it.

    Args:
        profile: a file of profiles/, without .yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        incoming: folder of unlabelled cells; without one the test patients' cells stand in.
        overrides: single settings, as `train.epochs=5`.

    Returns:
        The summary a user reads.

    Raises:
        SmearflowError: what was asked for makes no run, or a stage failed.
    """
    request = Request(data, backbone, incoming, tuple(overrides or ()))
    with workspace(PROJECT, profile, request) as root:
        outcome = run_pipeline(root, Registry(PROJECT / "registry"))
        summary = summarise(outcome, _champion(root, profile))
        print(f"\n{summary}", flush=True)
        publish(root, outcome.runs, summary)
    return summary


def run_pipeline(root: Path, registry: Registry) -> Outcome:
    """Run all stages in a prepared workspace and write the report; within a flow.

    The look at the test set is put on record as soon as it was taken.
    """
    until_test = stage_order(root, until="evaluate")
    rest = [stage for stage in stage_order(root) if stage not in until_test]
    runs = run_stages(root, until_test, of=[*until_test, *rest])
    look = note_look(root, registry)
    stand_in = place_stand_in(root)
    runs += run_stages(root, rest, of=[*until_test, *rest])
    write_report(root, look, stand_in)
    return Outcome(root, tuple(runs), look, stand_in)


def _champion(root: Path, profile: str) -> str:
    """Promote a profile's first model; a later one is promoted by retraining only."""
    registry = Registry(PROJECT / "registry")
    champion = registry.champion(profile)
    if champion is None:
        champion = registry.promote(profile, root, "the first model", datetime.now(UTC))
        return f"this model, {champion.model_id}, as the profile's first"
    return f"{champion.model_id}, since {champion.promoted_at[:10]} ({champion.reason})"


def main() -> None:
    """Train, test, export and monitor in workspaces/<profile>."""
    options = cli.parser("training", main.__doc__)
    cli.add_request(options)
    options.add_argument("--incoming", help="folder of unlabelled cells to monitor")
    arguments = options.parse_args()
    cli.run_requested(
        arguments,
        lambda asked: training(
            arguments.profile,
            asked.data,
            asked.backbone,
            asked.incoming,
            list(asked.overrides),
        ),
    )


if __name__ == "__main__":
    main()
