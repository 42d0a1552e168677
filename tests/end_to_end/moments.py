"""The moments at which commands are killed: places in the code, not times, so that they recur."""

from dataclasses import dataclass
from typing import Literal

WORKER = "spawn_main"  # the worker processes of explore and tune
DVC = "dvc repro"
FLOW = "flows.program run"
PATH = "pathlib:Path"


@dataclass(frozen=True)
class Moment:
    """A moment in a run in which all stages but one have their results.

    Attributes:
        name: what is going on, begun by its kind.
        stage: the one that is yet to run; None where all have run before.
        place: module:function that the process stops in.
        program: part of the command line of that process; a stage's own if empty.
        call: which call of the function, in one process.
        about: only calls count that are given a path or a text with this in it.
        when: before or after the call, or after it with half of the file it wrote.
        left: pattern of what lies there at that moment, below the folder of the run.
        orphan: kill only the parent of the process that stopped, which then must follow it.
    """

    name: str
    stage: str | None
    place: str
    program: str = ""
    call: int = 1
    about: str = ""
    when: Literal["before", "after", "half written"] = "before"
    left: str = "params.yaml"
    orphan: bool = False


OF_DVC = (
    Moment(
        "ingest: while the images are described",
        "ingest",
        "smearflow.cells.manifest:examine",
        call=100,
        left="work/ingest/*/outputs/raw/nih.zip",
    ),
    Moment(
        "ingest, writing: half of the images in the zip",
        "ingest",
        "zipfile:ZipFile.writestr",
        call=96,
        left="work/ingest/*/outputs/raw/nih.zip",
    ),
    Moment(
        "validate: checked, nothing written",
        "validate",
        "smearflow.checks:require",
        left="work/validate/*/reports/data_docs/index.html",
    ),
    Moment(
        "split: one side packed, two to go",
        "split",
        "smearflow.splitting.packing:pack_side",
        when="after",
        left="work/split/*/outputs/train.parquet",
    ),
    Moment(
        "split, writing: half of the training pixels",
        "split",
        "smearflow.images.decode:pixels_of",
        call=50,
        left="work/split/*/outputs/train.npy",
    ),
    Moment(
        "split, writing: a table without its end",
        "split",
        "pyarrow.parquet:ParquetWriter.close",
        call=2,
        left="work/split/*/outputs/validation.parquet",
    ),
    Moment(
        "split, writing: the reports in place, the results not yet",
        "split",
        f"{PATH}.rename",
        about="/work/split/",
        call=2,
        left="reports/split/seconds.json",
    ),
    Moment(
        "explore, training: in a worker, between two epochs",
        "explore",
        "smearflow.model.callbacks:Recorder.on_epoch_end",
        program=WORKER,
        call=6,
        when="after",
        left="work/explore/*/units/*.json",
    ),
    Moment(
        "explore, training: half of the frozen features computed",
        "explore",
        "smearflow.engine.features:Extractor.__call__",
        program=WORKER,
        call=4,
        left="work/explore/*/units/features/*.npy.tmp",
    ),
    Moment(
        "explore, writing: half of a run's record",
        "explore",
        f"{PATH}.write_bytes",
        program=WORKER,
        about="/units/",
        call=3,
        when="half written",
        left="work/explore/*/units/*.json*",
    ),
    Moment(
        "explore, training: the stage alone, while its worker is in an epoch",
        "explore",
        "smearflow.model.callbacks:Recorder.on_train_batch_end",
        program=WORKER,
        call=20,
        left="work/explore/*/units/*.json",
        orphan=True,
    ),
    Moment(
        "explore: the results in place, half of the finished work removed",
        "explore",
        "os:unlink",
        about="events.out.tfevents",
        call=8,
        when="after",
        left="outputs/explore/runs.json",
    ),
    Moment(
        "tune, training: in a worker, within an epoch",
        "tune",
        "smearflow.model.callbacks:Recorder.on_train_batch_end",
        program=WORKER,
        call=4,
        left="work/tune/*/units/keras_tuner/*/trial.json",
    ),
    Moment(
        "tune: a trial trained, its result not told to the search",
        "tune",
        "keras_tuner.engine.oracle:Oracle.end_trial",
        left="work/tune/*/units/*.json",
    ),
    Moment(
        "train, training: within the first epoch",
        "train",
        "smearflow.model.callbacks:Recorder.on_train_batch_end",
        call=2,
    ),
    Moment(
        "train, training: after the second epoch of the final training",
        "train",
        "smearflow.model.callbacks:EpochLines.on_epoch_end",
        call=2,
        when="after",
        left="work/progress/train.jsonl",
    ),
    Moment(
        "train, writing: some weights of the model stored",
        "train",
        "zipfile:ZipFile.open",
        about="0002.npy",
        left="work/train/*/outputs/model/weights.npz",
    ),
    Moment(
        "export: between the two conversions",
        "export",
        "smearflow.conversion.convert:to_int8",
    ),
    Moment(
        "export, writing: half of an edge model",
        "export",
        f"{PATH}.write_bytes",
        about="model_int8.tflite",
        when="half written",
        left="work/export/*/outputs/model_int8.tflite",
    ),
    Moment(
        "evaluate: one of two models resampled",
        "evaluate",
        "smearflow.assessment.bootstrap:patient_bootstrap",
        call=2,
    ),
    Moment(
        "evaluate, writing: half of the figures",
        "evaluate",
        f"{PATH}.write_bytes",
        about="metrics.json",
        when="half written",
        left="work/evaluate/*/outputs/metrics.json*",
    ),
    Moment(
        "baseline: some windows resampled",
        "baseline",
        "smearflow.monitoring.drift:drift_scores",
        call=15,
    ),
    Moment(
        "monitor: judged, before its pages",
        "monitor",
        "smearflow.windows.page:compare_in_report",
        left="work/monitor/*/outputs/scores.parquet",
    ),
)
OF_FLOW = (
    Moment(
        "train, training: by the flow, after the first epoch",
        "train",
        "smearflow.model.callbacks:EpochLines.on_epoch_end",
        program="stages.train",
        when="after",
        left="runs/short/work/progress/train.jsonl",
    ),
    Moment(
        "worktree: made by git, the clone's own files not yet laid over it",
        None,
        "flows.worktrees:_lay_over",
        program=FLOW,
        left="runs/short/.git",
    ),
    Moment(
        "settings, writing: half of them",
        None,
        f"{PATH}.write_bytes",
        program=FLOW,
        about="/runs/short/params.yaml",
        when="half written",
        left="runs/short/params.yaml.tmp",
    ),
    Moment(
        "dvc.lock, writing: emptied by DVC, not yet filled",
        None,
        "dvc.utils.serialize._yaml:_dump",
        program=DVC,
        left="runs/short/dvc.lock",
    ),
    Moment(
        "window, writing: the earlier one moved away, the new one not yet in place",
        None,
        f"{PATH}.rename",
        program=FLOW,
        about=".incoming.new",
        left="runs/short/data/.incoming.old",
    ),
    Moment(
        "registry: its branch made, its folder not yet",
        None,
        "flows.git:git",
        program=FLOW,
        about="/registry\nregistry",
        left=".git/refs/heads/registry",
    ),
    Moment(
        "registry: its folder made, what belongs into it not yet",
        None,
        "flows.git:git",
        program=FLOW,
        about="/registry\nregistry",
        when="after",
        left="registry/.git",
    ),
    Moment(
        "look: noted, not yet committed",
        None,
        "flows.git:git",
        program=FLOW,
        about="short: a look at the test set",
        left="registry/looks.jsonl",
    ),
    Moment(
        "run: saved, not yet named",
        None,
        "flows.git:git",
        program=FLOW,
        about="update-ref",
        left="runs/short/reports/pages/index.html",
    ),
    Moment(
        "run: saved and named, nothing promoted",
        None,
        "flows.git:git",
        program=FLOW,
        about="update-ref",
        when="after",
        left=".git/refs/exps/??/*/short-*",
    ),
    Moment(
        "promotion, writing: some files of the model copied",
        None,
        "shutil:copyfile",
        program=FLOW,
        about="/registry/short/models/",
        call=3,
        left="registry/short/models/.*.new/export/*",
    ),
    Moment(
        "promotion, writing: half of the decision",
        None,
        f"{PATH}.write_bytes",
        program=FLOW,
        about="champion.json",
        when="half written",
        left="registry/short/champion.json*",
    ),
    Moment(
        "promotion: decided, not yet in the history",
        None,
        "smearflow.ground.files:append_json_line",
        program=FLOW,
        about="history.jsonl",
        left="registry/short/champion.json",
    ),
    Moment(
        "promotion: decided, the model not yet told to DVC",
        None,
        "flows.decisions:_track",
        program=FLOW,
        left="registry/short/models/*/card.json",
    ),
    Moment(
        "promotion: the model in DVC's cache, its name not yet written",
        None,
        "dvc.dvcfile:SingleStageFile.dump",
        program="dvc add",
        left="registry/short/models/*.cells.dvc",
    ),
    Moment(
        "promotion: told to DVC, not yet committed",
        None,
        "flows.git:git",
        program=FLOW,
        about="short: a challenge",
        left="registry/short/models/*.dvc",
    ),
)
