"""What to do next, with reasons and commands."""

from smearflow.report.conclusions.steps import next_steps
from smearflow.report.elements import Section, Table
from smearflow.report.run import PipelineRun


def steps_section(run: PipelineRun) -> Section:
    """Every step, the most urgent first."""
    rows = [(step.what, step.why, step.command) for step in next_steps(run)]
    columns = ("what", "why", "command")
    sentence = "A command of another profile than sample takes PROFILE=<name> as well."
    return Section(
        "next",
        "What to do next",
        [sentence],
        [Table("The most urgent first", columns, rows, columns)],
    )
