"""The flow that chooses the batch size of a profile, once per machine."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from flows import PROJECT
from flows.backbones import pin_backbone
from flows.settings import Request, set_in_profile
from flows.summary import shown
from flows.tasks import run_stages, stage_order
from flows.worktrees import working_folder
from smearflow.ground.files import write_json
from smearflow.ground.progress import Progress, progress_file
from smearflow.params.whole import load_params

if TYPE_CHECKING:
    from smearflow.studies.batch_size import Throughput

KEYS = ("model.configuration.batch_size", "crossval.configuration.batch_size")


@flow(flow_run_name="batch size {profile}", persist_result=False)
def batch_size(
    profile: str,
    data: str | None = None,
    backbone: str | None = None,
    overrides: list[str] | None = None,
) -> int:
    """Measure batch sizes on a profile's cells; set the best in the profile itself.

    Args:
        profile: a file of profiles/, without .yaml.
        data: folder, archive or URL of labelled cells, instead of the profile's first source.
        backbone: folder, archive or URL of the backbone, instead of the profile's.
        overrides: single settings, as `split.image_size=64`.

    Returns:
        The batch size.

    Raises:
        SmearflowError: what was asked for makes no run, or a stage failed.
    """
    request = Request(data, backbone, overrides=tuple(overrides or ()))
    with working_folder(PROJECT, profile, request, purpose="batch-size") as root:
        pin_backbone(PROJECT, profile, root)
        run_stages(root, stage_order(root, until="split"))
        chosen = choose_in(root)
        file = set_in_profile(PROJECT, profile, [(key, chosen) for key in KEYS])
        print(f"\nbatch size {chosen} is now set in {shown(file)}", flush=True)
    return chosen


@task(name="batch size", cache_policy=NO_CACHE, persist_result=False)
def choose_in(root: Path) -> int:
    """Measure where cells have been split; the table is kept as reports/batch_size.json."""
    from smearflow.engine.jobs import bench_of
    from smearflow.studies.batch_size import SIZES, knee, measure_batch_sizes

    params = load_params(root / "params.yaml")
    bench = bench_of(params.model, root, params.locations, root / "work")
    progress = Progress("batch size", len(SIZES), progress_file(root, "batch_size"))
    rows, started = [], time.perf_counter()
    for row in measure_batch_sizes(bench, params.model.configuration, SIZES):
        seconds, started = time.perf_counter() - started, time.perf_counter()
        progress.finish(_line(row), seconds)
        rows.append(row)
    chosen, table = knee(rows), [asdict(row) for row in rows]
    write_json(
        root / "reports/batch_size.json",
        {"chosen": chosen, "image_size": params.split.image_size, "rows": table},
    )
    create_table_artifact(table, key="batch-size", description=f"Chosen: {chosen}")
    return chosen


def _line(row: "Throughput") -> str:
    return (
        f"{row.batch_size} images a step -> {row.images_per_second:.0f} images/s, "
        f"{row.peak_bytes / 1e9:.2f} GB at most"
    )
