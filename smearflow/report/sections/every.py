"""All sections of a run's page, in order."""

from pathlib import Path

from smearflow.report.elements import Section
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.run import PipelineRun
from smearflow.report.sections.answers import answers_section
from smearflow.report.sections.checks import checks_section
from smearflow.report.sections.data import data_section
from smearflow.report.sections.edge import edge_section
from smearflow.report.sections.evaluate import evaluate_section
from smearflow.report.sections.explained import explained_section
from smearflow.report.sections.explore import explore_section
from smearflow.report.sections.mistakes import mistakes_section
from smearflow.report.sections.monitor import monitor_section
from smearflow.report.sections.patients import patients_section
from smearflow.report.sections.slices import slices_section
from smearflow.report.sections.steps import steps_section
from smearflow.report.sections.targets import targets_section
from smearflow.report.sections.time import time_section
from smearflow.report.sections.train import train_section
from smearflow.report.sections.tune import tune_section


def sections_of(
    root: Path, pictures: Path, exploration: Exploration | None, run: PipelineRun
) -> list[Section]:
    """Every section of a run whose stage has run, in the order of the story.

    Args:
        root: folder of the run.
        pictures: of `smearflow.report.pictures.every.draw_pictures`.
        exploration: of `smearflow.report.exploration.exploration.read_exploration`.
        run: of `smearflow.report.run.read_run`.
    """
    sections = (
        data_section(root),
        checks_section(root),
        explore_section(exploration, pictures),
        tune_section(root, pictures),
        train_section(root, pictures),
        targets_section(run),
        patients_section(root, run),
        answers_section(run),
        evaluate_section(root, pictures),
        slices_section(root, run),
        mistakes_section(run),
        explained_section(root, run),
        edge_section(root),
        monitor_section(root, pictures),
        steps_section(run),
        time_section(root),
    )
    return [section for section in sections if section is not None]
