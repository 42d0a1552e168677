"""What each section of the report says, read from the files the stages left.

Every function takes the folder of a run and returns a Section, or None where its stage has not
run: a report of an unfinished run shows what there is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Table:
    """A table of texts; columns named in `left` are aligned left, the others right."""

    caption: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A PNG file and what it shows."""

    path: Path
    caption: str


@dataclass(frozen=True)
class Link:
    """A page beside this one: `before <a href=target>name</a>.`"""

    before: str
    name: str
    target: str


@dataclass(frozen=True)
class Section:
    """One heading of the page."""

    anchor: str
    title: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


CAPTIONS = {
    "explore/importance.png": "What moves the validation loss, with 95 % intervals.",
    "explore/axes.png": "Every run against each number varied; good values green.",
    "tune/trials.png": "Validation loss of each trial of the Bayesian search.",
    "train/curve.png": "The final training: loss and accuracy over epochs.",
    "evaluate/roc_pr.png": "Receiver operating characteristic and precision-recall curves.",
    "evaluate/confusion.png": "Confusion matrix at the decision threshold.",
    "evaluate/calibration.png": "Calibration: predicted probability against observed share.",
    "evaluate/per_patient.png": "Accuracy per test patient.",
    "evaluate/errors.png": "The most confident errors; some are wrong labels.",
    "monitor/drift.png": "Drift scores against their limits.",
    "monitor/distributions.png": "The quantities that moved most: window against baseline.",
}


def pictures(root: Path, stage: str) -> list[Picture]:
    """All PNG files of a stage's report folder, in name order."""
    folder = root / "reports" / stage
    return [
        Picture(path, CAPTIONS.get(f"{stage}/{path.name}", path.stem.replace("_", " ")))
        for path in sorted(folder.glob("*.png"))
    ]


def read_json(root: Path, *parts: str) -> Any | None:
    """A JSON file below outputs/ or None where it does not exist."""
    path = root.joinpath(*parts)
    return json.loads(path.read_text()) if path.is_file() else None


def number(value: Any, digits: int = 3) -> str:
    """A figure as text; a dash where it is undefined."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.{digits}g}" if abs(value) < 0.01 and value else f"{value:.{digits}f}"
    return str(value)


def with_interval(figure: dict[str, float | None]) -> str:
    """`0.958 (0.949–0.966)`."""
    if figure["value"] is None:
        return number(None)
    return f"{number(figure['value'])} ({interval(figure)})"


def interval(figure: dict[str, float | None]) -> str:
    """`0.949–0.966`; a dash where the figure is undefined."""
    if figure["value"] is None:
        return number(None)
    return f"{number(figure['low'])}–{number(figure['high'])}"


def data_section(root: Path) -> Section | None:
    """What came in and where each patient went."""
    manifest_file = root / "outputs/ingest/manifest.parquet"
    if not manifest_file.is_file():
        return None
    manifest = pd.read_parquet(
        manifest_file, columns=["source", "label", "patient", "error", "width", "height"]
    )
    sentences = [
        f"{len(manifest):,} images of {manifest['patient'].nunique():,} patients, "
        f"{int(manifest['error'].notna().sum()):,} of them undecodable."
    ]
    counts = manifest.groupby(["source", "label"], dropna=False)
    tables = [
        Table(
            "Cells per source and class",
            ("source", "class", "cells", "patients", "median size"),
            [
                (
                    str(source),
                    str(label),
                    number(len(rows)),
                    number(int(rows["patient"].nunique())),
                    f"{rows['width'].median():.0f} x {rows['height'].median():.0f}",
                )
                for (source, label), rows in counts
            ],
            ("source", "class"),
        )
    ]
    summary = read_json(root, "outputs/split/summary.json")
    if summary:
        sentences += _grouping(summary)
        tables.append(_sides(summary))
    return Section("data", "Data", sentences, tables)


def _grouping(summary: dict[str, Any]) -> list[str]:
    weak = sorted(name for name, by in summary["grouped_by"].items() if by == "field")
    sentences = ["No patient is on two sides of the split; data added later moves no patient."]
    if weak:
        sentences.append(
            f"Of {', '.join(weak)} only one patient is known: its cells were split by field of "
            "view, which is weaker: cells of one patient look alike, so expect optimistic figures."
        )
    return sentences


def _sides(summary: dict[str, Any]) -> Table:
    return Table(
        f"Sides of the split, packed at {summary['image_size']} pixels",
        ("side", "cells", "patients", *reversed(summary["classes"])),
        [
            (
                side,
                *(
                    number(summary["sides"][side][key])
                    for key in ("cells", "patients", "positive", "negative")
                ),
            )
            for side in ("train", "validation", "test")
        ],
        ("side",),
    )


def checks_section(root: Path) -> Section | None:
    """Every expectation, failures first."""
    results = read_json(root, "outputs/validate/results.json")
    if results is None:
        return None
    expectations = sorted(results["expectations"], key=lambda row: row["success"])
    rows = [
        (
            "held" if row["success"] else "FAILED",
            row["severity"],
            row["why"] or "",
            f"{row['expectation']} {row['column'] or ''}".strip(),
            number(row["failing_count"]),
            ", ".join(row["failing"][:3]),
        )
        for row in expectations
    ]
    columns = ("result", "severity", "what it is about", "expectation", "failing", "for example")
    left = tuple(name for name in columns if name != "failing")
    tables = [Table("Expectations", columns, rows, left)]
    link = Link("Pictures of the files that fail:", "the gate", "validate/index.html")
    return Section("checks", "Checks", _checked(results), tables, links=[link])


def _checked(results: Mapping[str, Any]) -> list[str]:
    statistics = results["statistics"]
    sentences = ["Every expectation holds."]
    if statistics["failed_warning"]:
        sentences = [
            f"{statistics['failed_warning']} of {statistics['evaluated']} expectations failed, "
            "none of them critical."
        ]
    if results["corrected"]:
        sentences.append(
            f"{results['corrected']:,} images have another label in a source that corrects it, "
            "which counts; the old ones are listed in outputs/validate/quarantine.csv."
        )
    if results["quarantined"]:
        sentences.append(
            f"{results['quarantined']:,} of {results['images']:,} images were quarantined: they "
            "failed expectations, are listed in outputs/validate/quarantine.csv, and are part of "
            "nothing that follows."
        )
    return sentences


QUESTIONS = (
    "importance",
    "interactions",
    "bounds",
    "removable",
    "overfitting",
    "gradients",
    "convergence",
)


def explore_section(root: Path) -> Section | None:
    """What the exploration answered, and the space it left for the search."""
    answers = read_json(root, "outputs/explore/answers.json")
    if answers is None:
        return None
    rows = [(answers[name]["question"], answers[name]["answer"]) for name in QUESTIONS]
    told = {row["experiment"] for row in answers["removable"]["rows"]}
    rows += [
        (each["question"], each["answer"])
        for each in answers["comparisons"]
        if each["name"] not in told
    ]
    columns = ("question", "answer")
    tables = [Table("Questions about how to train, and answers", columns, rows, columns)]
    space = read_json(root, "outputs/explore/space.json")
    if space is not None:
        tables += space_tables(space)
    sentence = (
        f"{answers['runs']} short training runs, {answers['diverged']} of which diverged: training "
        "blew up. Loss says how wrong the network is on patients it does not learn from."
    )
    shown = [each for each in pictures(root, "explore") if each.path.stem in ("importance", "axes")]
    every = Link("The evidence, and every run:", "the exploration", "explore/index.html")
    return Section("explore", "Exploration", [sentence], tables, shown, [every])


def space_tables(space: Mapping[str, Any]) -> list[Table]:
    """The space that an exploration left, and what it left out."""
    searched = [
        (readable(name), _range(entry), entry["evidence"])
        for name, entry in sorted(space["parameters"].items())
    ]
    dropped = [
        (readable(name), setting(entry["value"]), entry["evidence"])
        for name, entry in sorted(space["dropped"].items())
    ]
    columns = ("parameter", "range or choices", "evidence")
    tables = [Table("The space left for the search", columns, searched, columns)]
    if dropped:
        columns = ("parameter", "held at", "evidence")
        tables.append(Table("No longer searched", columns, dropped, columns))
    return tables


def _range(entry: dict[str, Any]) -> str:
    if entry["kind"] == "choice":
        return ", ".join(map(setting, entry["values"]))
    scale = ", on a logarithmic scale" if entry["sampling"] == "log" else ""
    return f"{setting(entry['low'])} to {setting(entry['high'])}{scale}"


def readable(name: str) -> str:
    """A field of a configuration in words."""
    return name.replace("_", " ")


def setting(value: Any) -> str:
    """The value of a field of a configuration as text."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def settings(values: Mapping[str, Any]) -> str:
    """`learning rate 0.0002, optimizer adam`."""
    return ", ".join(f"{readable(name)} {setting(value)}" for name, value in sorted(values.items()))


def spread(figure: Mapping[str, float | None]) -> str:
    """`0.1560 ± 0.0120`; without the spread where there was a single run."""
    mean, std = figure["mean"], figure["std"]
    if mean is None:
        return number(None)
    return f"{mean:.4f}" if std is None else f"{mean:.4f} ± {std:.4f}"


def tune_section(root: Path) -> Section | None:
    """The trials of the Bayesian search, best first."""
    trials = read_json(root, "outputs/tune/trials.json")
    best = read_json(root, "outputs/tune/best.json")
    if trials is None or best is None:
        return None
    searched = sorted(_varying([trial["configuration"] for trial in trials]))
    ranked = sorted(trials, key=lambda trial: (trial["val_loss"] is None, trial["val_loss"]))
    rows = [
        (
            trial["trial_id"],
            trial["status"].lower(),
            settings({name: trial["configuration"][name] for name in searched}),
            number(trial["val_loss"], 4),
            number(trial["val_accuracy"]),
        )
        for trial in ranked
    ]
    failed = sum(trial["status"] != "COMPLETED" for trial in trials)
    sentence = (
        f"{len(trials)} trials, {failed} failed; a failed trial never wins. The best reached a "
        f"validation loss of {number(best['val_loss'], 4)}."
    )
    columns = ("trial", "status", "configuration", "validation loss", "accuracy")
    table = Table("Trials, best first", columns, rows, ("trial", "status", "configuration"))
    return Section("tune", "Search", [sentence], [table], pictures(root, "tune"))


def _varying(configurations: list[dict[str, Any]]) -> set[str]:
    return {
        name
        for name in configurations[0]
        if len({json.dumps(configuration[name]) for configuration in configurations}) > 1
    }


def train_section(root: Path) -> Section | None:
    """The configuration trained on all training patients and what its curve looks like."""
    summary = read_json(root, "outputs/train/summary.json")
    history = read_json(root, "outputs/train/history.json")
    if summary is None or history is None:
        return None
    sentences = [
        f"Trained for {history['epochs']} epochs; the weights of epoch {history['best_epoch']} "
        f"were kept. The curve looks {summary['diagnosis']}.",
        f"Decision threshold: {number(summary['threshold'])}, chosen on validation cells.",
    ]
    table = Table(
        "Configuration",
        ("parameter", "value"),
        [(name, setting(value)) for name, value in sorted(summary["configuration"].items())],
        ("parameter",),
    )
    return Section("train", "Training", sentences, [table], pictures(root, "train"))


def evaluate_section(root: Path) -> Section | None:
    """Test figures with intervals, of the Keras model and of the edge model."""
    metrics = read_json(root, "outputs/evaluate/metrics.json")
    if metrics is None:
        return None
    sentences = [
        f"{metrics['cells']:,} cells of {metrics['patients']:,} patients that no earlier step saw. "
        f"In brackets: {metrics['interval']}."
    ]
    if metrics["overridden"]:
        sentences.append(
            "The model had missed its validation targets: this look at the test set was forced by "
            "evaluate.despite_missed_targets."
        )
    tables = [
        Table(
            "Test figures",
            ("metric", "model", "edge model"),
            [
                (label(name), with_interval(figure), with_interval(metrics["edge"][name]))
                for name, figure in metrics["model"].items()
            ],
            ("metric",),
        ),
        _per_patient(root),
    ]
    return Section("evaluate", "Test figures", sentences, tables, pictures(root, "evaluate"))


def _per_patient(root: Path) -> Table:
    frame = pd.read_csv(root / "outputs/evaluate/per_patient.csv")
    rows = [
        tuple(number(None if pd.isna(value) else value) for value in row)
        for row in frame.astype(object).itertuples(index=False)
    ]
    columns = tuple(label(name) for name in frame.columns)
    return Table("Per patient", columns, rows, columns[:1])


def label(name: str) -> str:
    """`roc_auc` as a person writes it."""
    acronyms = {"roc_auc": "ROC AUC", "pr_auc": "PR AUC", "mcc": "MCC", "f1": "F1"}
    return acronyms.get(name, name.replace("_", " "))


def edge_section(root: Path) -> Section | None:
    """The exported files, and why one of them was chosen."""
    edge = read_json(root, "outputs/export/edge.json")
    if edge is None:
        return None
    latency = read_json(root, "reports/export/latency.json") or {}
    rows = [
        (
            file,
            "yes" if file == edge["chosen"] else "",
            f"{model['bytes'] / 1e6:.2f} MB",
            f"{100 * model['agreement']:.2f} %",
            number(model["largest_difference"]),
            f"{latency[file]['p50_ms']:.2f} ms" if file in latency else "–",
        )
        for file, model in sorted(edge["models"].items())
    ]
    columns = (
        "file",
        "chosen",
        "size",
        "same decision as the Keras model",
        "largest difference in probability",
        "latency, one thread (median)",
    )
    return Section(
        "edge", "Edge model", [edge["reason"]], [Table("Files", columns, rows, ("file",))]
    )


_STAND_IN = (
    "No window was given: the cells of the held-out test patients stand in for one, so this shows "
    "how monitoring judges, and nothing about new images."
)


def monitor_section(root: Path, stand_in: bool = False) -> Section | None:
    """The verdict on the incoming window and every score behind it.

    Args:
        root: folder of the run.
        stand_in: the window was made of the test patients' cells.
    """
    verdict = read_json(root, "outputs/monitor/verdict.json")
    if verdict is None:
        return None
    window = verdict["window"]
    scores = sorted(verdict["scores"], key=_share, reverse=True)
    sentences = [
        f"Verdict on the {window['cells']:,} cells of the incoming window: {verdict['verdict']}.",
        *([_STAND_IN] if stand_in else []),
        *(f"{note[0].upper()}{note[1:]}." for note in verdict.get("notes", ())),
        *verdict["alerts"],
    ]
    rows = [
        (
            "DRIFTED" if score["drifted"] else "not judged" if _share(score) < 0 else "within",
            score["group"],
            label(score["name"]),
            score["method"],
            number(score["score"]),
            number(score["limit"]),
        )
        for score in scores
    ]
    columns = ("result", "group", "quantity", "method", "score", "limit")
    table = Table("Scores, furthest first", columns, rows, columns[:4])
    page = Link("Every distribution:", "Evidently's page", "monitor/drift.html")
    links = [page] if scores and _share(scores[0]) >= 0 else []
    return Section("monitor", "Drift", sentences, [table], pictures(root, "monitor"), links)


def _share(score: Mapping[str, Any]) -> float:
    """A score as a share of its limit; -1 where too few cells tell either, so that it is last."""
    known = score["score"] is not None and score["limit"] is not None
    return float(score["score"] / score["limit"]) if known else -1.0


def time_section(root: Path) -> Section | None:
    """Seconds each stage took when it last ran."""
    files = sorted((root / "reports").glob("*/seconds.json"), key=lambda file: file.stat().st_mtime)
    if not files:
        return None
    seconds = [(file.parent.name, json.loads(file.read_text())["seconds"]) for file in files]
    rows = [(stage, number(value, 1)) for stage, value in seconds]
    rows.append(("together", number(float(sum(value for _, value in seconds)), 1)))
    table = Table("Seconds per stage, when it last ran", ("stage", "seconds"), rows, ("stage",))
    return Section("time", "Time", [], [table])


def sections_of(root: Path, stand_in: bool = False) -> list[Section]:
    """Every section of a run whose stage has run, in order.

    Args:
        root: folder of the run.
        stand_in: the window monitored was made of the test patients' cells.
    """
    sections = (
        data_section(root),
        checks_section(root),
        explore_section(root),
        tune_section(root),
        train_section(root),
        evaluate_section(root),
        edge_section(root),
        monitor_section(root, stand_in),
        time_section(root),
    )
    return [section for section in sections if section is not None]
