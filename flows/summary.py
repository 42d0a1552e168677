"""What a run came to, as text for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.tasks import StageRun
from smearflow.evaluation.metrics import METRICS
from smearflow.report.results import PAGE, PAGES, read_json
from smearflow.report.text import columns, label, number, with_interval


@dataclass(frozen=True)
class Outcome:
    """What a training run came to, beside the files in its folder.

    Attributes:
        root: the folder it worked in.
        runs: what became of each stage, in order.
        look: which look at this test set it was.
        saved: name of the DVC experiment that holds the run; None without git.
    """

    root: Path
    runs: tuple[StageRun, ...]
    look: int
    saved: str | None


def summarise(outcome: Outcome, champion: str) -> str:
    """The result of a run: seconds, test figures, targets, edge model, drift, where to look.

    Args:
        champion: which model is the profile's champion, and why.
    """
    root = outcome.root
    train = read_json(root, "outputs/train/summary.json")
    metrics = read_json(root, "outputs/evaluate/metrics.json")
    edge = read_json(root, "outputs/export/edge.json")
    verdict = read_json(root, "outputs/monitor/verdict.json")
    look = f"look number {outcome.look} at these patients in this project"
    blocks = [
        _stages(outcome.runs),
        _figures(metrics) if metrics else "",
        _targets([*(train["targets"] if train else []), *(metrics["targets"] if metrics else [])]),
        columns(
            [
                ("edge model", _edge(root, edge) if edge else "none"),
                ("drift", _drift(verdict) if verdict else "not judged"),
                ("test set", look),
                ("champion", champion),
                ("saved as", outcome.saved or "nothing: this is no git repository"),
                ("look at", f"{shown(root / PAGES / PAGE)}, and `make ui`"),
            ]
        ),
    ]
    return "\n\n".join(block for block in blocks if block)


def shown(path: Path) -> Path:
    """A path as short as it can be typed here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _stages(runs: Sequence[StageRun]) -> str:
    rows = [(run.stage, f"{run.seconds:8.1f} s", run.outcome) for run in runs]
    rows.append(("together", f"{sum(run.seconds for run in runs):8.1f} s", ""))
    return "stages\n" + columns(rows)


def _figures(metrics: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("", "model", "edge model")]
    rows += [
        (label(name), *(with_interval(metrics[which][name]) for which in ("model", "edge")))
        for name in METRICS
    ]
    forced = ", despite missed validation targets" if metrics["overridden"] else ""
    return (
        f"test figures: {metrics['cells']:,} cells of {metrics['patients']:,} unseen patients"
        f"{forced} (in brackets: {metrics['interval']})\n" + columns(rows)
    )


def _targets(targets: Sequence[dict[str, Any]]) -> str:
    if not targets:
        return ""
    return "targets\n" + columns(
        [
            (
                f"{row['side']} {label(row['metric'])}",
                # one digit more than elsewhere: a miss by less must not look like a hit
                f"{number(row['value'], 4)}, wanted {number(row['target'], 4)}",
                "met" if row["met"] else "MISSED",
            )
            for row in targets
        ]
    )


def _edge(root: Path, edge: dict[str, Any]) -> str:
    size = edge["models"][edge["chosen"]]["bytes"] / 1e6
    return f"{shown(root / 'outputs/export' / edge['chosen'])} ({size:.2f} MB)"


def _drift(verdict: dict[str, Any]) -> str:
    cells = f"{verdict['window']['cells']:,} cells"
    of = f"{cells} of the test patients, as no INCOMING was given" if verdict["stand_in"] else cells
    lines = (*verdict.get("notes", ()), *verdict["alerts"][:3])
    return f"{verdict['verdict']} ({of}){''.join(f'; {line}' for line in lines)}"
