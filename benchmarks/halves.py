"""Drift by halves of the patients: false alarms, power against strength, beside Evidently's own.

    python -m benchmarks.halves --run runs/nih --other <cells of another laboratory>

Random halves of all patients of a run: a network learns from two thirds of the first half, the
others of it are its validation patients, and the baseline is made of both as a run makes it. The
second half comes as windows of 1, 3 and 10 patients, plain and shifted. Each half leaves one JSON
in the folder of results, and is not done again where that is there.
"""

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

from benchmarks.shifts import STRENGTHS, Shift, shifted
from benchmarks.tables import markdown
from smearflow.assessment.patients import LIMITS
from smearflow.cells.files import cell_files
from smearflow.cells.raw import RawCells
from smearflow.evaluation.threshold import USUAL
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import write_json
from smearflow.images.decode import decode, resize
from smearflow.images.stain import normalised_slides
from smearflow.images.statistics import STATISTICS, measure
from smearflow.model.training import predict, train_once
from smearflow.monitoring.baseline import Baseline, build_baseline
from smearflow.monitoring.patients import patient_means
from smearflow.parallel import ordered_map
from smearflow.params.whole import Params, load_params
from smearflow.pretraining.recipe import EMBEDDED
from smearflow.sides.side import Side, cells_of_each
from smearflow.sides.tables import read_table
from smearflow.splitting.splits import SIDES
from smearflow.windows.score import score_window

WINDOWS = (1, 3, 10)  # patients
HARMED = LIMITS[0]  # of a patient's cells fewer are called right
SHIFTED_CELLS = 60  # of each patient, in shifted windows
LEARN = 2 / 3  # of the patients of the first half
PLAIN, OTHER = "plain", "another laboratory"
_SHIFTS = [Shift(kind, each) for kind, strengths in STRENGTHS.items() for each in strengths]

_Seen = tuple[npt.NDArray[np.uint8], dict[str, float]]

Found = dict[str, Any]
"""Of one half: `windows`, a list of {"what", "patients", "alert", "evidently", "accuracy", "named",
"judged", "named_of_harmed", "harmed"}: groups of scores that drifted, Evidently's verdict, share of
cells called right, how many patients are named of how many, and of those the network is harmed on.
"""


class Model(NamedTuple):
    """What a baseline keeps of the network."""

    classes: tuple[str, str]
    threshold: float = USUAL
    sha256: str = "0" * 64


def main(arguments: list[str] | None = None) -> None:
    """Judge the halves that are missing, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.halves", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--other", type=Path, help="cells of another laboratory, labels unused")
    parser.add_argument("--halves", type=int, default=10)
    parser.add_argument("--evidently", type=int, default=2, help="halves that it judges, too")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--size", type=int, default=64, help="pixels a side")
    parser.add_argument("--results", type=Path, default=Path("work/halves"), help="kept halves")
    options = parser.parse_args(arguments)
    try:
        found = list(judge_halves(options))
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")
    print(tables(found), flush=True)


def judge_halves(options: argparse.Namespace) -> Iterator[Found]:
    """What is found of each half, made or kept."""
    options.results.mkdir(parents=True, exist_ok=True)
    files = [options.results / f"{number}.json" for number in range(1, options.halves + 1)]
    cells: Mapping[str, Side] | None = None
    for number, file in enumerate(files, start=1):
        if not file.is_file():
            cells = cells or read_all(options)
            beside = number <= options.evidently
            params = load_params(options.run / "params.yaml")
            with contextlib.redirect_stdout(io.StringIO()):  # progress of calibrations
                found = judge_half(cells, params, number, options.epochs, evidently=beside)
            write_json(file, {"windows": found})
            print(f"half {number} of {options.halves}", flush=True)
        yield json.loads(file.read_text())


def read_all(options: argparse.Namespace) -> dict[str, Side]:
    """All cells of a run as they are and under each shift; those of another laboratory."""
    split = options.run / "outputs/split"
    table = pd.concat([read_table(split / f"{side}.parquet") for side in SIDES], ignore_index=True)
    some = table.iloc[cells_of_each(table, SHIFTED_CELLS)]
    with RawCells(options.run / "outputs/ingest/raw") as raw:
        (plain,) = seen(map(raw.read, table["path"]), table, options.size, [None])
        under = seen(map(raw.read, some["path"]), some, options.size, _SHIFTS)
    found = {PLAIN: plain} | dict(zip(map(str, _SHIFTS), under, strict=True))
    if options.other is not None:
        files = cell_files(options.other)
        rows = pd.DataFrame({"patient": [file.parent.name for file in files]})
        images = (file.read_bytes() for file in files)
        (found[OTHER],) = seen(images, rows, options.size, [None])
    return found


def seen(
    images: Iterator[bytes], rows: pd.DataFrame, size: int, shifts: Sequence[Shift | None]
) -> list[Side]:
    """Cells as a network sees them under each shift, with the statistics of what it is shown.

    All shifts of an image at once: processes that start for each anew import libraries for seconds.
    """
    look = partial(_look, size=size, shifts=shifts)
    looked = list(ordered_map(look, enumerate(images), len(rows)))
    return [_side(rows, list(each)) for each in zip(*looked, strict=True)]


def _side(rows: pd.DataFrame, looked: Sequence[_Seen]) -> Side:
    pixels = normalised_slides(np.stack([each for each, _ in looked]), rows["patient"].tolist())
    statistics = pd.DataFrame([each for _, each in looked])
    table = rows.reset_index(drop=True)
    table[list(STATISTICS)] = statistics[list(STATISTICS)]
    return Side(pixels, table)


def _look(numbered: tuple[int, bytes], size: int, shifts: Sequence[Shift | None]) -> list[_Seen]:
    number, data = numbered
    image = decode(data).image
    under = [image if shift is None else shifted(image, shift, number) for shift in shifts]
    return [(resize(each, size), measure(each)) for each in under]


def judge_half(
    cells: Mapping[str, Side], params: Params, number: int, epochs: int, *, evidently: bool
) -> list[Found]:
    """Train, make the baseline, judge the windows of the other half.

    Args:
        cells: of `read_all`.
        number: of the half, the seed of all that is random.
        evidently: whether its own verdict is asked for, too.
    """
    rng = np.random.default_rng(number)
    everybody = rng.permutation(np.unique(cells[PLAIN].patients))
    first, stream = np.split(everybody, [len(everybody) // 2])
    learn, judge = np.split(first, [round(LEARN * len(first))])
    train, validation = (_of(cells[PLAIN], names) for names in (learn, judge))
    changed = {"epochs": epochs, "schedule": "cosine"}
    network = train_once(
        train,
        validation,
        EMBEDDED,
        params.crossval.configuration.model_copy(update=changed),
        seed=number,
        input_range=params.model.input_range,
        least_class_share=params.model.least_class_share,
    ).model
    probabilities, embeddings = predict(network, validation.pixels)
    baseline = build_baseline(
        validation.table,
        validation.targets,
        probabilities,
        embeddings,
        validation.table.assign(edge_probability=probabilities),
        pd.concat([train.table, validation.table]),
        statistics=STATISTICS,
        model=Model(params.problem.classes),
        resamples=params.baseline.resamples,
        false_alarm_rate=params.baseline.false_alarm_rate,
        seed=number,
    )
    found = []
    for what, patients, window in _windows(cells, stream):
        said = predict(network, window.pixels)
        described = baseline.describe(window.table, *said)
        drifted = score_window(described, patients, baseline).drifted
        found.append(
            {
                "what": what,
                "patients": patients,
                "alert": [each.measure.group for each in drifted],
                "evidently": alarms_evidently(described, baseline) if evidently else None,
                "accuracy": _accuracy(window, said[0]),
                **_named(described, window, baseline, said[0]),
            }
        )
    return found


def _named(
    described: pd.DataFrame,
    window: Side,
    baseline: Baseline,
    probabilities: npt.NDArray[np.float32],
) -> dict[str, int]:
    """How many patients are named, of those with cells enough to be judged and of those harmed."""
    means = patient_means(described, pd.Series(window.patients), baseline.statistics)
    named = np.zeros(len(means), bool)
    if baseline.usual is not None and len(means):
        named = baseline.usual.flagged(means)
    harmed = np.zeros(len(means), bool)
    if "target" in window.table:
        right = pd.Series(_right(window, probabilities)).groupby(window.patients).mean()
        harmed = (right[means.index] < HARMED).to_numpy()
    return {
        "named": int(named.sum()),
        "judged": len(means),
        "named_of_harmed": int((named & harmed).sum()),
        "harmed": int(harmed.sum()),
    }


def _of(side: Side, patients: npt.NDArray[np.str_]) -> Side:
    return side.take(np.flatnonzero(np.isin(side.patients, patients)))


def _windows(
    cells: Mapping[str, Side], stream: npt.NDArray[np.str_]
) -> Iterator[tuple[str, int, Side]]:
    """What a window is of, how many patients it has, its cells."""
    for count in WINDOWS:
        for start in range(0, len(stream) - count + 1, count):
            yield PLAIN, count, _of(cells[PLAIN], stream[start : start + count])
    most = WINDOWS[-1]
    for what, side in cells.items():
        if what == OTHER:
            yield what, len(np.unique(side.patients)), side
        elif what != PLAIN:
            for start in range(0, len(stream) - most + 1, most):
                yield what, most, _of(side, stream[start : start + most])


def alarms_evidently(described: pd.DataFrame, baseline: Baseline) -> bool:
    """Whether Evidently's preset, as it comes, calls the window drifted."""
    numbers = [*baseline.statistics, "probability"]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=["label"])
    window, usual = (
        Dataset.from_pandas(table[[*numbers, "label"]], data_definition=definition)
        for table in (described, baseline.reference)
    )
    preset = DataDriftPreset()
    (count,) = (
        metric["value"]["share"]
        for metric in Report([preset]).run(window, usual).dict()["metrics"]
        if metric["metric_name"].startswith("DriftedColumnsCount")
    )
    return bool(count >= preset.drift_share)


def _accuracy(window: Side, probabilities: npt.NDArray[np.float32]) -> float | None:
    if "target" not in window.table:
        return None
    return float(_right(window, probabilities).mean())


def _right(window: Side, probabilities: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    return (probabilities >= USUAL) == (window.targets == 1)


def tables(found: Sequence[Found]) -> str:
    """Markdown: false alarms, then what is found of each shift, over the halves."""
    windows = pd.DataFrame(
        [{"half": number, **each} for number, half in enumerate(found) for each in half["windows"]]
    )
    windows["any"] = windows["alert"].map(bool)
    plain = windows[windows["what"] == PLAIN]
    alarms = [
        (f"{count} patients", len(own), _share(own), _beside(own), *_who(own))
        for count, own in plain.groupby("patients")
    ]
    usual = plain[plain["patients"] == WINDOWS[-1]]["accuracy"].mean()
    shifts = []
    for what, own in windows[windows["what"] != PLAIN].groupby("what", sort=False):
        lost = own["accuracy"].mean()
        told = "not told" if np.isnan(lost) else f"{100 * (usual - lost):.1f} points"
        shifts.append((what, told, _share(own), _beside(own), *_who(own)))
    beside = ("alerts", "Evidently's own", "patients named", f"of those below {HARMED}")
    first = markdown(("plain windows of", "judged", *beside), alarms)
    names = (f"windows of {WINDOWS[-1]} patients", "accuracy lost", *beside)
    return f"{first}\n\n{markdown(names, shifts)}"


def _share(windows: pd.DataFrame) -> str:
    """Of the windows that alert, with the interval of the mean over halves (normal, 95 %)."""
    by_half = windows.groupby("half")["any"].mean()
    if len(by_half) < 2:
        return f"{by_half.mean():.1%}"
    half = 1.96 * by_half.std(ddof=1) / np.sqrt(len(by_half))
    low, high = np.clip([by_half.mean() - half, by_half.mean() + half], 0, 1)
    return f"{by_half.mean():.1%} ({low:.1%}-{high:.1%})"


def _who(windows: pd.DataFrame) -> tuple[str, str]:
    """Patients named: their share of all, and how many of those that the network is harmed on."""
    named, judged, few, harmed = (
        windows[name].sum() for name in ("named", "judged", "named_of_harmed", "harmed")
    )
    return f"{named / max(judged, 1):.1%}", f"{few} of {harmed}"


def _beside(windows: pd.DataFrame) -> str:
    known = windows["evidently"].dropna()
    return f"{known.astype(bool).mean():.0%} of {len(known)}" if len(known) else "not asked"


if __name__ == "__main__":
    main()
