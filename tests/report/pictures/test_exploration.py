"""What stands in the pictures, read from the figures before they become pixels."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from smearflow.params.model import Configuration
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.narrowing import Narrowing
from smearflow.records.analysis.surface import GoodValues, Importances, Interactions
from smearflow.records.exploration import Histogram, RunRecord
from smearflow.records.search.trials import TrialRecord
from smearflow.report.exploration.exploration import Exploration
from smearflow.report.pictures.exploration import draw_exploration
from smearflow.report.pictures.trials import plot_trials
from smearflow.report.pictures.weights import plot_weights
from tests.analysis import exploration_material as material

Figures = dict[str, Any]


@pytest.fixture(scope="module")
def figures() -> Iterator[Figures]:
    """Of the made-up exploration, by the names of their files."""
    with pytest.MonkeyPatch.context() as patch:
        found = _captured(patch)
        _draw(material.runs(), material.analysis())
        yield found


def _captured(patch: pytest.MonkeyPatch) -> Figures:
    found: Figures = {}

    def keep(figure: Figure, path: Path, **_: Any) -> None:
        found[path.name] = figure

    patch.setattr(Figure, "savefig", keep)
    return found


def _draw(runs: list[RunRecord], analysis: Analysis) -> None:
    nothing = Narrowing(parameters={}, dropped={}, fixed={})
    found = Exploration(material.asked(), runs, analysis, nothing)
    draw_exploration(Path(), found, material.histograms())


def panel(figures: Figures, name: str, title: str) -> Any:
    (found,) = (each for each in figures[name].axes if each.get_title() == title)
    return found


def crosses(panel: Any) -> list[float]:
    lines = (line for line in panel.lines if line.get_marker() == "x")
    return [x for line in lines for x in line.get_xdata()]


def words(figure: Any) -> str:
    legends = [*figure.legends, *(each.legend_ for each in figure.axes if each.legend_)]
    return "\n".join(text.get_text() for legend in legends for text in legend.texts)


def test_there_is_a_picture_for_every_question(figures: Figures) -> None:
    names = [each.name for each in material.experiments()]
    compared = [name for name in names if name not in ("fine-tuning", "head")]
    assert set(figures) == {
        *(f"curves_{name}.png" for name in names),
        *(f"isolation_{name}.png" for name in compared),
        "axes.png",
        "gradients.png",
        "importance.png",
        "interactions.png",
        "weights_best.png",
        "weights_wildest.png",
    }


def test_curves_show_all_runs_and_the_best_three_by_name(figures: Figures) -> None:
    own = [run for run in material.runs() if "head" in run.experiments]
    every, best = figures["curves_head.png"].axes
    assert sum(len(line.get_xdata()) > 0 for line in every.lines) == len(own)
    ranked = sorted(run.loss for run in own)
    named = words(figures["curves_head.png"])
    assert all(f"{loss:.3f} in epoch" in named for loss in ranked[:3])
    assert f"{ranked[3]:.3f} in epoch" not in named
    assert "learning rate" in named
    assert len(best.lines) == 6  # validation and training each


def test_a_run_that_diverged_leaves_a_cross_where_it_did(figures: Figures) -> None:
    every, best = figures["curves_clipping.png"].axes
    assert crosses(every) == [4, 4]
    assert best.get_title().startswith("the best 2")


def test_a_run_that_diverged_with_finite_losses_has_a_cross(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = _captured(monkeypatch)
    runs = [run for run in material.runs() if "clipping" in run.experiments]
    wild = [
        run.model_copy(
            update={
                "curve": {
                    name: [1e9 if value is None else value for value in values]
                    for name, values in run.curve.items()
                }
            }
        )
        for run in runs
    ]
    _draw(wild, material.analysis())
    assert crosses(found["curves_clipping.png"].axes[0]) == [4, 4]
    assert crosses(found["gradients.png"].axes[0]) == [4, 4]


def test_no_legend_covers_curves(figures: Figures) -> None:
    figure = figures["curves_head.png"]
    figure.draw_without_rendering()
    for panel in figure.axes:
        for legend in (*figure.legends, figure.axes[0].legend_):
            assert not legend.get_window_extent().overlaps(panel.get_window_extent())


def test_trials_are_numbered_as_in_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _captured(monkeypatch)
    trials = [
        TrialRecord(
            trial_id=f"{number:02d}",
            status="FAILED" if number == 1 else "COMPLETED",
            configuration=Configuration(),
            val_loss=None if number == 1 else 0.2,
            val_accuracy=None if number == 1 else 0.9,
            curve={},
            message=None,
        )
        for number in range(3)
    ]
    plot_trials(trials, Path("trials.png"))
    order = found["trials.png"].axes[0]
    assert list(order.lines[0].get_xdata()) == [0, 2]
    assert crosses(order) == [1]


def test_isolation_names_the_best_setting_and_counts_failures(figures: Figures) -> None:
    (panel,) = figures["isolation_depth.png"].axes
    rows = material.analysis().comparisons[1].rows
    labels = [text.get_text() for text in panel.get_xticklabels()]
    assert labels[0] == "frozen\nat learning rate 0.003\nn = 2"
    failed = [f"{row.diverged} of {len(row.runs)}" for row in rows if row.diverged]
    assert [text.get_text() for text in panel.texts] == failed == ["2 of 6"]


def test_a_value_that_always_diverged_has_no_mean(figures: Figures) -> None:
    (panel,) = figures["isolation_clipping.png"].axes
    assert "diverged everywhere" in panel.get_xticklabels()[0].get_text()
    assert len(panel.containers) == 1


def test_axes_show_each_run_and_zero_on_a_logarithmic_scale(figures: Figures) -> None:
    trained = [run for run in material.runs() if run.status == "completed"]
    decay = panel(figures, "axes.png", "weight decay")
    points = sum(len(line.get_xdata()) for line in decay.lines if line.get_marker() == ".")
    assert points == len(trained)
    assert decay.get_xscale() == "log"
    assert decay.get_xticklabels()[0].get_text() == "0"
    assert panel(figures, "axes.png", "dropout").get_xscale() == "linear"


def test_a_number_is_not_blamed_for_what_another_one_did(figures: Figures) -> None:
    assert set(crosses(panel(figures, "axes.png", "learning rate"))) == {0.03}
    assert crosses(panel(figures, "axes.png", "dropout")) == []


def test_interactions_fill_one_half_of_a_matrix(figures: Figures) -> None:
    pairs = material.analysis().interactions.pairs
    (panel,) = figures["interactions.png"].axes
    assert len(panel.patches) == len({tuple(text.get_position()) for text in panel.texts})
    assert len(panel.texts) == len(pairs)
    dark = [text for text in panel.texts if text.get_color() == "white"]
    assert len(dark) == sum(pair.found for pair in pairs)


def test_the_wildest_run_diverged_and_the_best_did_not(figures: Figures) -> None:
    assert "diverged" in figures["weights_wildest.png"].get_suptitle()
    best = min(run.loss for run in material.runs())
    assert f"validation loss {best:.3f}" in figures["weights_best.png"].get_suptitle()
    titles = [each.get_title() for each in figures["weights_wildest.png"].axes]
    assert len(titles) == 8
    assert titles[0] == "first kernel: no longer finite"


def test_weights_have_a_ridge_before_training_and_one_per_epoch(figures: Figures) -> None:
    first = figures["weights_best.png"].axes[0]
    assert [text.get_text() for text in first.get_yticklabels()] == list("012345")


def test_values_of_weights_do_not_run_into_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _captured(monkeypatch)
    run = next(run for run in material.runs() if "first kernel" in run.weight_change)
    ridge = (Histogram(low=-0.0995, high=0.0995, counts=(1, 2, 1)),)
    plot_weights(run, dict.fromkeys(run.weight_change, ridge), "a run", Path("weights.png"))
    found["weights.png"].draw_without_rendering()
    for panel in found["weights.png"].axes:
        low, high = panel.get_xlim()
        ticks = [each for each in panel.get_xticklabels() if low <= each.get_position()[0] <= high]
        boxes = [each.get_window_extent() for each in ticks]
        assert all(left.x1 < right.x0 for left, right in itertools.pairwise(boxes))


def test_gradients_of_all_runs(figures: Figures) -> None:
    (panel,) = figures["gradients.png"].axes
    runs = material.runs()
    lines = [line for line in panel.lines if line.get_marker() != "x" and len(line.get_xdata())]
    assert len(lines) == len(runs)
    assert len(crosses(panel)) == sum(run.status == "diverged" for run in runs)


def test_what_was_not_answered_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _captured(monkeypatch)
    runs = [run for run in material.runs() if "head" in run.experiments]
    unanswered = {
        "comparisons": (),
        "bounds": GoodValues(),
        "importance": Importances(),
        "interactions": Interactions(),
    }
    _draw(runs, material.analysis().model_copy(update=unanswered))
    assert not {"axes.png", "importance.png", "interactions.png"} & set(found)
    curves = {name for name in found if name.startswith("curves")}
    assert curves == {"curves_head.png"}


def test_runs_that_all_diverged_are_drawn_nonetheless(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _captured(monkeypatch)
    runs = [
        run.model_copy(update={"curve": {**run.curve, "val_loss": [None] * 4}})
        for run in material.runs()
        if run.status == "diverged"
    ]
    parts = material.analysis().model_dump()
    for row in parts["comparisons"][-1]["rows"]:
        row |= {"n": 0, "diverged": 0, "nuisance": {}, "runs": []}
    _draw(runs, Analysis.model_validate(parts))
    assert "weights_best.png" not in found
    assert found["curves_clipping.png"].axes[1].get_title() == "none trained without diverging"
    for name in ("curves_clipping.png", "isolation_ablation.png"):
        found[name].draw_without_rendering()
    labels = found["isolation_ablation.png"].axes[0].get_xticklabels()
    assert labels[0].get_text() == "nothing changed\nnot run"


def test_runs_of_a_head_alone_have_no_first_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _captured(monkeypatch)
    runs = [run for run in material.runs() if "head" in run.experiments]
    _draw(runs, material.analysis())
    first = found["weights_best.png"].axes[0]
    assert [text.get_text() for text in first.texts] == ["not trained, or none"]
