"""What a run came to, as text for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flows.tasks import StageRun
from smearflow.evaluation.metrics import METRICS
from smearflow.params.whole import load_params
from smearflow.records.edge import EdgeMetadata
from smearflow.records.figures import Figures
from smearflow.records.training import Target
from smearflow.records.verdict import Verdict
from smearflow.report import targets
from smearflow.report.conclusions.every import first_answers
from smearflow.report.conclusions.rare import precision_told
from smearflow.report.drift.verdict import alerts, notes
from smearflow.report.payoff import payoff_line
from smearflow.report.results import PAGE, PAGES
from smearflow.report.run import read_run
from smearflow.report.sections.monitor import judged_cells
from smearflow.report.text import columns, display_name, megabytes, with_interval
from smearflow.report.units import Unit


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
    """The result of a run: seconds, figures, targets, answers, edge model, drift, where to look.

    Args:
        champion: which model is the profile's champion, and why.
    """
    root = outcome.root
    run = read_run(root, load_params(root / "params.yaml").ingest.sources)
    look = f"look number {outcome.look} at these {run.unit.many} in this project"
    blocks = [
        _stages(outcome.runs),
        _figures(run.figures, run.classes, run.unit) if run.figures else "",
        _targets(run.targets),
        columns([(answer.question, answer.short) for answer in first_answers(run)]),
        columns(
            [
                ("edge model", _edge(root, run.edge) if run.edge else "none"),
                ("drift", _drift(run.verdict, run.unit) if run.verdict else "not judged"),
                ("search", payoff_line(run.figures)),
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


def _figures(figures: Figures, classes: tuple[str, str], unit: Unit) -> str:
    rows: list[tuple[str, ...]] = [("", "model", "edge model")]
    rows += [
        (display_name(name), with_interval(figures.model[name]), with_interval(figures.edge[name]))
        for name in METRICS
    ]
    seen = unit.count(figures.patients).replace(" ", " unseen ", 1)
    forced = ", despite missed validation targets" if figures.overridden else ""
    return (
        f"test figures: {figures.cells:,} cells of {seen}"
        f"{forced} (in brackets: {unit.instead(figures.interval)})\n{columns(rows)}"
        + "".join(f"\n  {told}" for told in filter(None, [precision_told(figures, classes)]))
    )


def _targets(told: Sequence[Target]) -> str:
    rows = [(targets.name(each), targets.reached(each), targets.result(each)) for each in told]
    return "targets\n" + columns(rows) if told else ""


def _edge(root: Path, edge: EdgeMetadata) -> str:
    file = EdgeMetadata.path(root).with_name(edge.chosen)
    return f"{shown(file)} ({megabytes(edge.shipped.bytes)})"


def _drift(verdict: Verdict, unit: Unit) -> str:
    lines = (*map(unit.instead, notes(verdict)), *alerts(verdict)[:3])
    judged = judged_cells(verdict, unit)
    return f"{verdict.verdict} ({judged}){''.join(f'; {line}' for line in lines)}"
