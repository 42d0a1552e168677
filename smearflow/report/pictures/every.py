"""All pictures of a run, a folder per stage."""

from collections.abc import Callable
from pathlib import Path

from smearflow.records.exploration import Histograms
from smearflow.records.figures import Figures
from smearflow.records.search.trials import Trials
from smearflow.records.training import History, Training
from smearflow.report.assessed import read_assessed
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.pictures.drift import draw_drift
from smearflow.report.pictures.evaluation import Calibration, draw_evaluation
from smearflow.report.pictures.exploration import draw_exploration
from smearflow.report.pictures.patients import plot_parasitaemia
from smearflow.report.pictures.style import DPI
from smearflow.report.pictures.training import plot_training
from smearflow.report.pictures.trials import plot_trials
from smearflow.report.results import patients_table
from smearflow.report.units import PATIENTS, unit_of_run


def draw_pictures(root: Path, folder: Path, exploration: Exploration | None) -> None:
    """Draw what the stages of a run left, as far as they have run.

    Args:
        root: folder of the run.
        folder: for `<stage>/<picture>.png`.
    """
    for stage, draw_stage in _STAGES.items():
        own = folder / stage
        own.mkdir(parents=True)
        draw_stage(root, own)
    histograms = Histograms.read_if_there(root)
    if exploration is not None and histograms is not None:
        own = folder / "explore"
        own.mkdir()
        draw_exploration(own, exploration, histograms.runs)


def _tune(root: Path, folder: Path) -> None:
    found = Trials.read_if_there(root)
    if found is not None:
        plot_trials(found.trials, folder / "trials.png")


def _train(root: Path, folder: Path) -> None:
    history = History.read_if_there(root)
    if history is not None:
        plot_training(history, folder / "curve.png", unit_of_run(root))


def _evaluate(root: Path, folder: Path) -> None:
    assessed = read_assessed(root)
    if assessed is None:
        return
    unit = unit_of_run(root)
    draw_evaluation(folder, assessed.assessment, unit, _calibration(root))
    table = patients_table(root)
    if table is not None and unit == PATIENTS:
        plot_parasitaemia(table).savefig(folder / "parasitaemia.png", dpi=DPI)


def _calibration(root: Path) -> Calibration | None:
    trained, figures = Training.read_if_there(root), Figures.read_if_there(root)
    if trained is None or figures is None or figures.calibrated is None:
        return None
    return Calibration(trained.operating.temperature, figures.calibrated["calibration_error"])


_STAGES: dict[str, Callable[[Path, Path], None]] = {
    "tune": _tune,
    "train": _train,
    "evaluate": _evaluate,
    "monitor": draw_drift,
}
