"""The page of an exploration: a section per question, its answer first, the evidence below."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from smearflow.files import write_json
from smearflow.params import Experiment, Range, load_params
from smearflow.report.pages import write_page
from smearflow.report.sections import (
    Link,
    Picture,
    Section,
    Table,
    number,
    read_json,
    readable,
    setting,
    settings,
    space_tables,
    spread,
)
from smearflow.report.wording import CURVES, PARAMETERS

RunRecord = dict[str, Any]
"""A run as outputs/explore/runs.json has it."""

_SECONDS = "run_seconds.json"
_PAIRS_SHOWN = 10

_LEAD = (
    "{runs} short training runs on a share of the training patients, to learn how to train before "
    "training in earnest. {diverged} of them diverged: training blew up.",
    "Loss says how wrong the network is on validation cells, of patients it does not learn from: 0 "
    "is perfect, 0.69 is a coin (cross-entropy, in nats). An epoch is one pass over the training "
    "cells. A seed sets what is random in a run; runs that differ only in their seeds are "
    "repetitions, n is their number, ± their standard deviation. A difference that repetitions "
    "alone could bring is no detectable difference.",
)

_CAPTIONS = {
    "importance": "What moves the loss. Bars: share of the differences; lines: 95 % intervals.",
    "interactions": "Each square is a pair of parameters varied together, with its p; the dark "
    "ones must be tuned together.",
    "axes": "Each dot is a run. Dotted lines: what was searched; green: good values; crosses at "
    "the upper edge: runs that diverged.",
    "gradients": "Each line is a run: its largest gradient in each epoch. A line that shoots up "
    "is a training that explodes.",
    "weights": "Weights counted by size, before training (light) and after each epoch (darker). "
    "A hump that wanders or widens is a layer that moved; one that stands still did not learn.",
    "isolation": "Large points: each alternative at its own best, with the spread of its "
    "repetitions; small ones: all other runs of it.",
    "curves": "Left: all runs, coloured by what their curves look like. Right: the best three, "
    "whatever they look like.",
}


def write_exploration(
    folder: Path,
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    answers: Mapping[str, Any],
    space: Mapping[str, Any],
    seconds: Mapping[str, float],
) -> None:
    """Write index.html into a folder that holds the pictures of the exploration.

    The seconds are kept beside it, because they are no result and stand in no output.

    Args:
        answers: of `smearflow.search.answers.answer`.
        space: of `smearflow.search.narrowing.narrow`.
        seconds: that a run took, by its id.
    """
    write_json(folder / _SECONDS, dict(seconds))
    write_page(
        folder / "index.html",
        "exploration.html.j2",
        title="What the exploration found",
        lead=[each.format(**answers) for each in _LEAD],
        sections=_sections(folder, experiments, runs, answers, space, seconds),
    )


def exploration_sections(root: Path) -> list[Section]:
    """The sections of the page, from the files of a run; none where nothing was explored.

    Args:
        root: folder of the run, with params.yaml, outputs/ and reports/.
    """
    answers, runs, space = (
        read_json(root, "outputs/explore", f"{name}.json") for name in ("answers", "runs", "space")
    )
    if answers is None or runs is None or space is None:
        return []
    experiments = load_params(root / "params.yaml").explore.experiments
    seconds = read_json(root, "reports/explore", _SECONDS) or {}
    return _sections(root / "reports/explore", experiments, runs, answers, space, seconds)


def _sections(
    folder: Path,
    experiments: Sequence[Experiment],
    runs: Sequence[RunRecord],
    answers: Mapping[str, Any],
    space: Mapping[str, Any],
    seconds: Mapping[str, float],
) -> list[Section]:
    comparisons = {each["name"]: each for each in answers["comparisons"]}
    return [
        _importance(folder, answers["importance"]),
        _interactions(folder, answers["interactions"]),
        _bounds(folder, answers["bounds"], space),
        _removable(answers["removable"]),
        _overfitting(answers["overfitting"]),
        _gradients(folder, answers["gradients"], runs),
        _convergence(answers["convergence"], runs, seconds),
        *(_experiment(folder, each, comparisons.get(each.name)) for each in experiments),
        _curves(answers["labels"]),
    ]


def _section(
    anchor: str,
    found: Mapping[str, Any],
    tables: Sequence[Table] = (),
    pictures: Sequence[Picture] = (),
    more: Sequence[str] = (),
) -> Section:
    """A question, its answer, the evidence; a table without rows is none."""
    kept = [table for table in tables if table.rows]
    return Section(anchor, found["question"], [found["answer"], *more], kept, list(pictures))


def _importance(folder: Path, found: Mapping[str, Any]) -> Section:
    rows = [
        (
            readable(row["name"]),
            PARAMETERS[row["name"]],
            f"{row['share']:.0%} ({row['low']:.0%}–{row['high']:.0%})",
            f"{row['first']:.0%}",
            "yes" if row["important"] else "not detectably",
        )
        for row in found["parameters"]
    ]
    columns = ("parameter", "what it is", "share (95 % interval)", "comes first", "matters")
    caption = (
        "Share: how much of the differences between the runs' losses (variance of their logarithm) "
        "the parameter accounts for; in brackets what it could be as well. Comes first: how often "
        "no other parameter matters more when runs are drawn again (bootstrap)."
    )
    if found["explained"] is not None:
        caption += f" All parameters together account for {found['explained']:.0%}."
    table = Table(caption, columns, rows, ("parameter", "what it is", "matters"))
    return _section("importance", found, [table], _pictures(folder, "importance"))


def _interactions(folder: Path, found: Mapping[str, Any]) -> Section:
    rows = [
        (
            " and ".join(map(readable, pair["parameters"])),
            "< 0.001" if pair["p"] < 0.001 else f"{pair['p']:.3f}",
            "together" if pair["found"] else "each by itself",
        )
        for pair in found["pairs"]
    ]
    caption = (
        "p: how often chance alone would give a pattern as strong, if the two had nothing to do "
        "with each other; the smaller, the surer."
    )
    if len(rows) > _PAIRS_SHOWN:
        caption += f" The surest {_PAIRS_SHOWN} of {len(rows)} pairs."
    table = Table(caption, ("pair", "p", "tune"), rows[:_PAIRS_SHOWN], ("pair", "tune"))
    return _section("interactions", found, [table], _pictures(folder, "interactions"))


def _bounds(folder: Path, found: Mapping[str, Any], space: Mapping[str, Any]) -> Section:
    rows = [
        (
            readable(row["name"]),
            _between(row["searched"]),
            _between(row["good"]),
            setting(row["best"]),
            row["moved"] or "no",
            row["evidence"],
        )
        for row in found["parameters"]
    ]
    columns = ("number", "searched", "good", "best", "bound moves", "evidence")
    caption = (
        "Good: values whose loss cannot be told from the lowest. A bound moves out, up or down, "
        "where the best lies at the edge of what was searched."
    )
    tables = [Table(caption, columns, rows, columns), *space_tables(space)]
    return _section("bounds", found, tables, _pictures(folder, "axes"))


def _removable(found: Mapping[str, Any]) -> Section:
    rows = [
        (
            row["name"],
            _signed(row["difference"]),
            number(row["needed"]),
            number(row["n"]),
            _verdict(row),
        )
        for row in found["rows"]
    ]
    columns = ("change", "loss rises by", "detectable from", "n", "removable")
    caption = (
        "Ablations: one thing taken away at a time, compared with runs in which nothing was "
        "changed. Detectable from: a smaller difference could come from repetitions alone. Not "
        "exercised: every curve is the one of the runs in which nothing was changed."
    )
    return _section("removable", found, [Table(caption, columns, rows, ("change", "removable"))])


def _verdict(row: Mapping[str, Any]) -> str:
    """Of an ablation; that no harm was detected is no proof of none."""
    if not row["exercised"]:
        return "not exercised"
    if row["removable"] is False:
        return "no"
    words = "no harm detected" if row["removable"] else "cannot be told"
    return f"{words}; all runs together: it matters" if row["matters"] else words


def _signed(value: float | None) -> str:
    return number(None) if value is None else f"{value:+.3f}"


def _overfitting(found: Mapping[str, Any]) -> Section:
    words = {True: "yes", False: "no, it harms", None: "no detectable effect"}
    rows = [
        (
            readable(row["name"]),
            f"{row['effect']:+.0%} ({row['low']:+.0%} to {row['high']:+.0%})",
            words[row["helps"]],
        )
        for row in found["regularisers"]
    ]
    columns = ("regulariser", "change of the loss (95 % interval)", "helps")
    caption = (
        "What a moderate dose does to the validation loss, compared with none. It counts as an "
        "effect only where the parameter also matters in the first table of this page."
    )
    table = Table(caption, columns, rows, ("regulariser", "helps"))
    meaning = (
        "A network overfits when it learns its training cells by heart: it still improves on them "
        "while it gets worse on new patients. Regularisers are what is done against that."
    )
    return _section("overfitting", found, [table], more=[meaning])


def _gradients(folder: Path, found: Mapping[str, Any], runs: Sequence[RunRecord]) -> Section:
    seeds = {run["id"]: run["seed"] for run in runs}
    layers = ("first kernel", "last kernel", "hidden kernel", "classifier kernel")
    rows = [
        (
            settings(row["settings"]),
            number(seeds[row["run"]]),
            row["label"],
            "not finite" if row["gradient_norm"] is None else f"{row['gradient_norm']:.3g}",
            *(_movement(row["weight_change"], layer) for layer in layers),
        )
        for row in found["rows"]
    ]
    columns = ("settings", "seed", "curve", "largest gradient", *layers)
    table = Table(
        "The runs with the largest gradients, and the best ones: how far the kernels of a layer, "
        "its weights without the biases, had moved at the end, in shares of their own length.",
        columns,
        rows,
        ("settings", "curve"),
    )
    meaning = (
        "The gradient is the correction that the error asks for; its norm is how large that is. "
        "Gradients that explode tear the weights apart, vanishing ones leave them where they were. "
        "First and last: layers of the backbone; hidden and classifier: those after it."
    )
    pictures = [*_pictures(folder, "gradients"), *_pictures(folder, "weights")]
    return _section("gradients", found, [table], pictures, [meaning])


def _movement(changes: Mapping[str, float | None], layer: str) -> str:
    if layer not in changes:
        return "frozen"
    change = changes[layer]
    return "not finite" if change is None else f"{change:.2%}"


def _convergence(
    found: Mapping[str, Any], runs: Sequence[RunRecord], seconds: Mapping[str, float]
) -> Section:
    epochs = {run["id"]: len(run["curve"]["loss"]) for run in runs}
    paces = [
        statistics.fmean(seconds[run] / epochs[run] for run in row["runs"])
        if seconds.keys() >= set(row["runs"])
        else None
        for row in found["rows"]
    ]
    rows = [
        (
            settings(row["settings"]),
            number(float(row["epochs"]), 1),
            number(None if pace is None else pace * row["epochs"], 1),
            number(pace, 1),
            spread({"mean": row["val_loss"], "std": row["std"]}),
            number(row["n"]),
        )
        for row, pace in zip(found["rows"], paces, strict=True)
    ]
    columns = ("settings", "epochs", "seconds", "seconds an epoch", "lowest loss", "n")
    caption = (
        "Epochs and seconds until the loss was near the lowest of all, fewest epochs first. "
        "Seconds are of the computer that explored, while other runs went on beside."
    )
    table = Table(caption, columns, rows, ("settings",))
    return _section("convergence", found, [table], more=_fastest(found["rows"], paces))


def _fastest(rows: Sequence[Mapping[str, Any]], paces: Sequence[float | None]) -> list[str]:
    """Who was first by the clock, if the clock is known."""
    times = [
        (pace * row["epochs"], settings(row["settings"]))
        for row, pace in zip(rows, paces, strict=True)
        if pace is not None
    ]
    if not times:
        return []
    least, name = min(times)
    return [f"By the clock, the first of those below took {number(least, 1)} seconds: {name}."]


def _experiment(
    folder: Path, experiment: Experiment, comparison: Mapping[str, Any] | None
) -> Section:
    tables = [_roles(experiment)]
    answer = "Its runs are points of a space: they answer the questions above, with all the others."
    if comparison is not None:
        answer = comparison["answer"]
        tables.append(_comparison(comparison))
    pictures = [
        *_pictures(folder, "isolation", experiment.name),
        *_pictures(folder, "curves", experiment.name),
    ]
    anchor, title = f"experiment-{experiment.name}", f"Experiment: {experiment.name}"
    return Section(anchor, title, [experiment.question, answer], tables, pictures)


def _roles(experiment: Experiment) -> Table:
    """What was compared, what was optimised away, what was held and why."""
    rows = [
        ("scientific", readable(name), _values(values), "what the question is about")
        for name, values in experiment.scientific.items()
    ]
    rows += [
        ("ablation", name, settings(changed), "changed alone")
        for name, changed in experiment.ablations.items()
    ]
    rows += [
        ("nuisance", readable(name), _values(values), "at its best for each, before comparing")
        for name, values in experiment.nuisance.items()
    ]
    rows += [
        ("fixed", readable(name), setting(held.value), held.because)
        for name, held in experiment.fixed.items()
    ]
    caption = (
        f"Roles. Every setting ran with {len(experiment.seeds)} seed"
        f"{'s' * (len(experiment.seeds) > 1)} on {experiment.train_fraction:.0%} of the training "
        "patients; what is not named is as in every run."
    )
    columns = ("role", "parameter", "values", "why")
    return Table(caption, columns, rows, columns)


def _values(values: Range | Sequence[Any]) -> str:
    if isinstance(values, Range):
        scale = ", on a logarithmic scale" if values.sampling == "log" else ""
        return f"{_between(values.bounds)}{scale}"
    return ", ".join(map(setting, values))


def _between(bounds: Sequence[float]) -> str:
    return f"{setting(bounds[0])} to {setting(bounds[1])}"


def _comparison(found: Mapping[str, Any]) -> Table:
    rows = [
        (
            row["name"].replace("_", " "),
            settings(row["nuisance"]),
            number(row["n"]),
            number(row["diverged"]),
            spread(row["val_loss"]),
            spread(row["val_accuracy"]),
        )
        for row in found["rows"]
    ]
    columns = ("compared", "at its best", "n", "diverged", "validation loss", "accuracy")
    caption = "Mean ± standard deviation over n repetitions; diverged: of all runs of the row."
    return Table(caption, columns, rows, columns[:2])


def _curves(labels: Mapping[str, str]) -> Section:
    counts = Counter(label.split(" from epoch")[0] for label in labels.values())
    rows = [(label, CURVES[label], number(count)) for label, count in counts.most_common()]
    columns = ("curve", "what it means", "runs")
    table = Table("The worst that is true of each run's curve.", columns, rows, columns[:2])
    sentence = (
        "TensorBoard shows every curve, every histogram of weights and, under HParams, every "
        "setting: tensorboard --logdir reports/explore/tensorboard"
    )
    link = Link("All runs, to be filtered by hand:", "parallel coordinates", "parallel.html")
    return Section("curves", "The curves of all runs", [sentence], [table], [], [link])


def _pictures(folder: Path, topic: str, name: str = "*") -> list[Picture]:
    """The pictures of a topic: one of that name, and those of its parts."""
    found = [*folder.glob(f"{topic}.png"), *folder.glob(f"{topic}_{name}.png")]
    return [Picture(path, _CAPTIONS[topic]) for path in sorted(found)]
