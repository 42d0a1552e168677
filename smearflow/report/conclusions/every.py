"""The three answers that come first, the same in the terminal, in Prefect and on the page."""

from smearflow.report.conclusions.answer import Answer
from smearflow.report.conclusions.failures import on_whom
from smearflow.report.conclusions.steps import Step, next_steps
from smearflow.report.conclusions.use import can_use
from smearflow.report.run import PipelineRun

NEXT = "What should I do next?"


def first_answers(run: PipelineRun) -> tuple[Answer, ...]:
    """Can I use it, on whom does it fail, what should I do next?"""
    first, *others = map(in_a_line, next_steps(run))
    return (can_use(run), on_whom(run), Answer(NEXT, first, tuple(others), "plain"))


def in_a_line(step: Step) -> str:
    """A step and the command that does it."""
    return f"{step.what}: {step.command}" if step.command else step.what
