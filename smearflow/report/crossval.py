"""The result of a cross-validation: as text, and as files with a picture."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from smearflow.evaluation.metrics import METRICS
from smearflow.ground.files import write_bytes, write_json
from smearflow.records.crossval import CrossvalFigures, LabelNoise, SeedFigures, Spread
from smearflow.records.patients import PatientFigures
from smearflow.report.pictures.style import legend_below
from smearflow.report.text import columns, display_name, number, with_interval
from smearflow.report.units import PATIENTS, Unit

COMPANY = "cells judged in company: the share of positive cells of each patient is estimated"
ASIDE = 0.15  # of a fold's place, the outermost seeds: equal ones would hide each other
LEAK = 0.985  # no published network is as good on patients it never saw; labels are not either


def write_crossval(
    folder: Path,
    by_seed: Mapping[int, pd.DataFrame],
    figures: CrossvalFigures,
    unit: Unit = PATIENTS,
) -> None:
    """Write crossval.json, predictions.parquet and crossval.png into a folder.

    Args:
        by_seed: a row per cell, as `cross_validate` gives them, by seed of the training.
        unit: what no fold shares with another.
    """
    folder.mkdir(parents=True, exist_ok=True)
    predictions = pd.concat([found.assign(seed=seed) for seed, found in by_seed.items()])
    write_bytes(folder / "predictions.parquet", predictions.to_parquet(index=False))
    _draw(folder / "crossval.png", figures, unit)
    write_json(folder / "crossval.json", figures.model_dump(mode="json"))


def crossval_text(figures: CrossvalFigures, unit: Unit = PATIENTS) -> str:
    """Folds, pooled figures, figures by patient and what labels are worth, for the terminal."""
    seeds = figures.seeds
    together = f"all folds together (in brackets: {unit.instead(figures.interval)})"
    blocks = [
        columns(list(_fold_rows(seeds, unit))),
        f"{together}\n{columns(list(_pooled_rows(figures)))}",
        f"{_by(seeds[0].by_patient, unit)}\n{columns(list(_patient_rows(figures, unit)))}",
        f"{unit.instead(COMPANY)}\n{columns(list(_company_rows(seeds, unit)))}",
        f"labels\n{columns(_label_rows(figures.labels))}",
    ]
    if any((each.pooled["accuracy"].value or 0) > LEAK for each in seeds):
        blocks.append(
            f"warning: an accuracy above {LEAK} is better than labels of single cells allow: look "
            f"for a leak, such as one {unit.one} under two names"
        )
    return "\n\n".join(blocks)


def _fold_rows(seeds: Sequence[SeedFigures], unit: Unit) -> Iterator[tuple[str, ...]]:
    """A row per fold, with the accuracies of all seeds."""
    names = ("accuracy",) if len(seeds) == 1 else tuple(f"seed {each.seed}" for each in seeds)
    yield ("fold", "cells", unit.many, *names)
    for folds in zip(*(each.folds for each in seeds), strict=True):
        first = folds[0]
        accuracies = (number(fold.accuracy, 4) for fold in folds)
        yield (str(first.fold), number(first.cells), number(first.patients), *accuracies)


def _pooled_rows(figures: CrossvalFigures) -> Iterator[tuple[str, ...]]:
    if len(figures.seeds) > 1:
        yield _head(figures.seeds)
    for name in METRICS:
        values = [with_interval(each.pooled[name]) for each in figures.seeds]
        yield (display_name(name), *_with_spread(figures.spread[name], values))


def _patient_rows(figures: CrossvalFigures, unit: Unit) -> Iterator[tuple[str, ...]]:
    """Figures that no patient with many cells outweighs."""
    found = [each.by_patient for each in figures.seeds]
    several = len(found) > 1
    if several:
        yield _head(figures.seeds)
    for name, values in (
        ("mean_over_patients", [each.mean for each in found]),
        ("worst_tenth", [each.worst_tenth for each in found]),
    ):
        told = _with_spread(figures.spread[name], [number(value) for value in values])
        yield (unit.instead(display_name(name)), *told)
    plain = ("",) if several else ()
    yield (
        "worst",
        *plain,
        *(f"{each.worst.patient} {number(each.worst.accuracy)}" for each in found),
    )
    for at, below in enumerate(found[0].below):
        yield (f"below {below.limit:.2f}", *plain, *(_below(each, at, several) for each in found))
    if found[0].false_positives:
        yield ("false positives per 1,000 cells", *plain, *map(_false_positives, found))


def _company_rows(seeds: Sequence[SeedFigures], unit: Unit) -> Iterator[tuple[str, ...]]:
    found = [each.in_company for each in seeds]
    if len(found) > 1:
        yield ("", *(f"seed {each.seed}" for each in seeds))
    for name in METRICS:
        yield (display_name(name), *(with_interval(each.pooled[name]) for each in found))
    mean = unit.instead(display_name("mean_over_patients"))
    yield (mean, *(number(each.by_patient.mean) for each in found))
    worst = (each.by_patient.worst for each in found)
    yield ("worst", *(f"{each.patient} {number(each.accuracy)}" for each in worst))
    if found[0].by_patient.false_positives:
        told = (_false_positives(each.by_patient) for each in found)
        yield ("false positives per 1,000 cells", *told)


def _head(seeds: Sequence[SeedFigures]) -> tuple[str, ...]:
    return ("", "mean ± deviation", *(f"seed {each.seed}" for each in seeds))


def _with_spread(spread: Spread, values: list[str]) -> list[str]:
    """The values of the seeds; of several after their mean and its deviation."""
    if len(values) == 1:
        return values
    return [f"{number(spread.mean)} ± {number(spread.std)}", *values]


def _below(found: PatientFigures, at: int, short: bool) -> str:
    patients = found.below[at].patients
    names = "" if short or not patients else f": {', '.join(patients)}"
    return f"{len(patients)} of {found.patients}{names}"


def _by(found: PatientFigures, unit: Unit) -> str:
    rates = found.false_positives
    whose = f"; false positives: of the {rates.patients} without positive cells" if rates else ""
    return f"by {unit.one} ({unit.count(found.patients)}{whose})"


def _false_positives(found: PatientFigures) -> str:
    rates = found.false_positives
    if rates is None:
        return number(None)
    return (
        f"median {rates.median:.0f}, mean {rates.mean:.0f}, worst {rates.worst:.0f} "
        f"({rates.worst_patient})"
    )


def _label_rows(labels: LabelNoise) -> list[tuple[str, str]]:
    return [
        ("likely wrong", f"{labels.likely_wrong:,} of {labels.cells:,}, ranked"),
        ("estimated to be wrong", f"{labels.noise:.2%}"),
        ("disputed by two independent looks, estimated", f"{labels.disputed:.2%}"),
        ("ceiling of accuracy by these labels", number(labels.ceiling)),
    ]


def _draw(file: Path, figures: CrossvalFigures, unit: Unit) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4.5), layout="constrained")
    axes = figure.subplots()
    several = len(figures.seeds) > 1
    asides = np.linspace(-ASIDE, ASIDE, len(figures.seeds)) if several else np.zeros(1)
    for each, aside in zip(figures.seeds, asides, strict=True):
        places = [fold.fold + aside for fold in each.folds]
        accuracies = [fold.accuracy for fold in each.folds]
        label = f"one fold of {unit.many} held out" + (f", seed {each.seed}" if several else "")
        axes.scatter(places, accuracies, s=50, zorder=3, label=label)
        for place, value in zip(places, accuracies, strict=True) if not several else ():
            axes.annotate(
                f"{value:.3f}", (place, value), (8, 0), textcoords="offset points", va="center"
            )
    mean, (first, *_) = figures.spread["accuracy"].mean, figures.seeds
    between = first.pooled["accuracy"]
    if mean is not None and between.low is not None and between.high is not None:
        axes.axhline(mean, color="black", lw=1, label=f"all folds together: {mean:.4f}")
        band = f"95 % interval, by {unit.one}" + (f", seed {first.seed}" if several else "")
        axes.axhspan(between.low, between.high, color="black", alpha=0.1, lw=0, label=band)
    axes.set(
        title=f"Accuracy on {unit.many} the model never saw",
        xlabel="fold",
        ylabel=f"accuracy at probability {figures.threshold}",
    )
    axes.set_xticks([fold.fold for fold in first.folds])
    axes.margins(x=0.15)
    axes.grid(axis="y", alpha=0.3)
    legend_below(figure, axes, columns=2)
    figure.savefig(file, dpi=120)
