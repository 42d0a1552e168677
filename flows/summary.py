"""What a run came to, as text for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.tasks import StageRun
from smearflow.evaluation.metrics import METRICS
from smearflow.records.edge import Export
from smearflow.records.figures import Figures
from smearflow.records.training import Target, Training
from smearflow.records.verdict import Verdict
from smearflow.report.results import PAGE, PAGES
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
    trained, figures = Training.read_if_there(root), Figures.read_if_there(root)
    edge, verdict = Export.read_if_there(root), Verdict.read_if_there(root)
    look = f"look number {outcome.look} at these patients in this project"
    blocks = [
        _stages(outcome.runs),
        _figures(figures) if figures else "",
        _targets([target for each in (trained, figures) if each for target in each.targets]),
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


def _figures(figures: Figures) -> str:
    rows: list[tuple[str, ...]] = [("", "model", "edge model")]
    rows += [
        (label(name), with_interval(figures.model[name]), with_interval(figures.edge[name]))
        for name in METRICS
    ]
    forced = ", despite missed validation targets" if figures.overridden else ""
    return (
        f"test figures: {figures.cells:,} cells of {figures.patients:,} unseen patients"
        f"{forced} (in brackets: {figures.interval})\n" + columns(rows)
    )


def _targets(targets: Sequence[Target]) -> str:
    if not targets:
        return ""
    return "targets\n" + columns(
        [
            (
                f"{each.side} {label(each.metric)}",
                # one digit more than elsewhere: a miss by less must not look like a hit
                f"{number(each.value, 4)}, wanted {number(each.target, 4)}",
                "met" if each.met else "MISSED",
            )
            for each in targets
        ]
    )


def _edge(root: Path, edge: Export) -> str:
    file = Export.path(root).with_name(edge.chosen)
    return f"{shown(file)} ({edge.shipped.bytes / 1e6:.2f} MB)"


def _drift(verdict: Verdict) -> str:
    cells = f"{verdict.window.cells:,} cells"
    of = f"{cells} of the test patients, as no INCOMING was given" if verdict.stand_in else cells
    lines = (*verdict.notes, *verdict.alerts[:3])
    return f"{verdict.verdict} ({of}){''.join(f'; {line}' for line in lines)}"
