"""What should I do next?"""

from collections.abc import Iterator
from dataclasses import dataclass

from smearflow.report.conclusions.use import within_reach
from smearflow.report.run import PipelineRun
from smearflow.report.text import short_name
from smearflow.report.wording import advice


@dataclass(frozen=True)
class Step:
    """Something to do.

    Attributes:
        what: in words, without a full stop.
        why: a sentence.
        command: that does it, if one does.
    """

    what: str
    why: str
    command: str = ""


def next_steps(run: PipelineRun) -> tuple[Step, ...]:
    """What to do next, the most urgent first."""
    parts = (_of_images, _of_model, _of_cells, _of_test, _of_use)
    return tuple(step for part in parts for step in part(run))


def _of_images(run: PipelineRun) -> Iterator[Step]:
    if run.checks is None:
        return
    failed = run.checks.statistics.failed_critical + run.checks.statistics.failed_warning
    if failed:
        yield Step(
            f"Look at the images that fail {failed} check{'s' * (failed > 1)}",
            "Wrong or odd images mislead training and test alike; they are shown in "
            "reports/validate/index.html.",
        )


def _of_model(run: PipelineRun) -> Iterator[Step]:
    """What a network needs that is not there, or not good enough to be tested."""
    missed = run.trained and any(not target.met for target in run.trained.targets)
    if run.trained is None or (run.figures is None and not missed):
        yield Step(
            "Let the run go on to its end",
            "Some stages have not ended; those that have are not run again.",
            "dvc repro",
        )
    elif missed:
        yield Step(
            f"Improve the training: {advice(run.trained.diagnosis)}",
            f"It misses its targets on validation {run.unit.many}, and its curve looks "
            f"{run.trained.diagnosis}.",
        )


def _of_cells(run: PipelineRun) -> Iterator[Step]:
    """Further cells to learn from, where what was learned does not do."""
    reasons = []
    if any(not target.met for target in run.targets):
        reasons.append("It misses targets: more patients are the surest way to better figures.")
    if run.verdict and not run.verdict.stand_in and run.verdict.verdict == "drift":
        reasons.append("The newest images differ from those it learned from: label some of them.")
    if reasons:
        what = "Train again with labelled cells of more patients"
        yield Step(what, " ".join(reasons), "make retrain CELLS=<folder>")


def _of_test(run: PipelineRun) -> Iterator[Step]:
    """What a look at the test patients leaves to be done."""
    if run.figures is None or run.mistakes is None:
        return
    if run.drawn:
        yield Step(
            "Train it on real cells",
            "The cells of this run are drawn. Those of the National Institutes of Health, or of "
            "your own laboratory, take their place: README.md says how.",
            "make run PROFILE=nih",
        )
    if run.figures.confusion.fn + run.figures.confusion.fp:
        unusual = [short_name(each.patient) for each in run.mistakes.patients if each.unusual]
        of = f" of {' and '.join(unusual)}" if unusual else ""
        yield Step(
            f"Look through the mistakes{of} with an expert",
            "They are shown above. Some will be wrong labels: correct those, and train again.",
        )
    if within_reach(run.figures):
        yield Step(
            "Test on more patients",
            f"{run.unit.count(run.figures.patients)} leave the figures uncertain: their intervals "
            "reach below the targets.",
        )


def _of_use(run: PipelineRun) -> Iterator[Step]:
    """Of a model that misses nothing."""
    if run.figures is None or any(not target.met for target in run.targets):
        return
    yield Step(
        "Let it judge images of your own",
        "A row per image: what it is called, and how likely that is.",
        "make predict IMAGES=<folder>",
    )
    if run.verdict is None or run.verdict.stand_in:
        yield Step(
            "Watch new images for change",
            "Figures hold for cells like those of the test; another stain or camera shows here "
            "first.",
            "make monitor INCOMING=<folder>",
        )
