"""What is concluded of planted explorations, and what is left open."""

import math
import random
from collections import Counter
from typing import Any

import pytest

from smearflow.analysis.conclusions import fit_surfaces
from smearflow.analysis.narrowing import narrow
from smearflow.analysis.runs import analyse_runs
from smearflow.params.explore import Experiment
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.narrowing import Narrowing, SearchedInterval
from tests.analysis.planted import TRUTHS, explored, planned
from tests.analysis.records import BASE, Loss, experiment, records
from tests.analysis.turning import SEEDS, TURNS, Turn, said

RATES = {"low": 1e-4, "high": 1e-2, "sampling": "log"}
DOSES = {"low": 0.0, "high": 0.6}
FINAL = 20


@pytest.mark.heavy
@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.name)
def test_an_effect_that_turns_is_not_told_by_its_average(turn: Turn) -> None:
    found = Counter(said(turn, seed) for seed in SEEDS)
    assert found["harms"] <= 1, found


def concluded(questions: list[Experiment], loss: Loss) -> tuple[Analysis, Narrowing]:
    runs = records(questions, loss)
    analysis = analyse_runs(questions, runs, BASE, FINAL)
    return analysis, narrow(questions, runs, analysis, BASE)


def fine_tuning(epochs: int, **varied: Any) -> Experiment:
    return experiment(
        f"tuning-{epochs}",
        scientific={"learning_rate": RATES} | varied,
        nuisance={},
        fixed={"epochs": epochs},
        seeds=[1],
        budget=32,
    )


def late(seed: int, short: float, long: float) -> Loss:
    """Symmetries and dropout change the loss of short runs by one factor, of long by another."""
    noise = random.Random(seed)

    def loss(settings: dict[str, Any], _: int) -> float:
        dose = settings["augment"] / 2 + settings["dropout"]
        effect = dose * (long if settings["epochs"] >= FINAL else short)
        height = math.log10(settings["learning_rate"] / 1e-3) ** 2 / 2
        return 0.12 * math.exp(height + effect + noise.gauss(0, 0.03))

    return loss


@pytest.mark.parametrize("seed", range(3))
def test_short_runs_show_no_harm_of_what_pays_late(seed: int) -> None:
    varied = {"augment": [True, False], "dropout": DOSES}
    analysis, space = concluded([fine_tuning(5, **varied)], late(seed, 0.5, -0.5))
    for name, usual in (("augment", True), ("dropout", BASE.dropout)):
        verdict = analysis.verdict(name)
        assert (verdict.found, verdict.doubt) == ("unknown", "short_runs")
        assert space.fixed[name] == usual
    assert all(row.helps is None for row in analysis.overfitting.regularisers)


def test_short_runs_may_show_that_it_helps() -> None:
    varied = {"augment": [True, False], "dropout": DOSES}
    analysis, space = concluded([fine_tuning(5, **varied)], late(0, -0.5, -0.5))
    assert analysis.verdict("dropout").late
    assert all(row.helps for row in analysis.overfitting.regularisers)
    dropout = space.parameters["dropout"]
    assert isinstance(dropout, SearchedInterval)
    assert dropout.high > DOSES["high"]
    assert space.parameters["augment"].values == (True,)  # type: ignore[union-attr]


@pytest.mark.parametrize(("short", "long"), [(-0.5, 0.5), (0.5, -0.5)])
def test_runs_as_long_as_the_final_training_decide(short: float, long: float) -> None:
    varied = {"augment": [True, False], "dropout": DOSES}
    questions = [fine_tuning(5, **varied), fine_tuning(FINAL, **varied)]
    analysis, space = concluded(questions, late(0, short, long))
    for name in ("augment", "dropout"):
        verdict = analysis.verdict(name)
        assert (verdict.found, verdict.rests_on, verdict.late) == ("effect", "long_runs", False)
    assert space.parameters["augment"].values == (long < 0,)  # type: ignore[union-attr]
    assert [row.helps for row in analysis.overfitting.regularisers] == [long < 0] * 2


def test_an_ablation_and_all_runs_that_contradict_each_other_leave_it_open() -> None:
    ablation = experiment(
        "ablation",
        scientific={},
        nuisance={},
        ablations={"without clipping": {"gradient_clip": 1.0}},
        seeds=[1, 2, 3, 4],
    )
    noise = random.Random(1)

    def loss(settings: dict[str, Any], seed: int) -> float:
        harm = 0.3 * (settings["gradient_clip"] is not None and settings["epochs"] == 5)
        return 0.15 * math.exp(harm + noise.gauss(0, 0.01) + seed / 1000)

    together = fine_tuning(5, gradient_clip=[None, 1.0])
    analysis, space = concluded([ablation, together], loss)
    verdict = analysis.verdict("gradient_clip")
    assert (verdict.found, verdict.doubt) == ("unknown", "contradicted")
    assert [row.removable for row in analysis.removable.rows] == [None]
    assert set(space.parameters["gradient_clip"].values) == {None, 1.0}  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(3))
def test_a_run_that_all_but_guessed_changes_nothing(seed: int) -> None:
    params, plan = planned()
    experiments, base = params.explore.experiments, params.model.configuration
    runs = explored(TRUTHS[seed], plan, seed)
    worst = max(
        (i for i, run in enumerate(runs) if run.status == "completed"), key=lambda i: runs[i].loss
    )
    found = []
    for loss in (0.6903, 0.6931, 0.6935):
        runs[worst] = runs[worst].model_copy(update={"val_loss": loss})
        analysis = analyse_runs(experiments, runs, base, FINAL)
        space = narrow(experiments, runs, analysis, base)
        found.append(({each.name: each.found for each in analysis.verdicts}, space.fixed))
    assert found[0] == found[1] == found[2]


def test_a_conclusion_that_hangs_on_few_runs_is_none() -> None:
    noise = random.Random(3)
    question = fine_tuning(FINAL, hidden_activation=["linear", "relu"])
    runs = records([question], lambda *_: 0.15 * math.exp(noise.gauss(0, 0.02)))
    relu = [i for i, run in enumerate(runs) if run.configuration.hidden_activation == "relu"]
    for number in relu[:2]:
        runs[number] = runs[number].model_copy(update={"val_loss": 0.22})
    surface = fit_surfaces([question], runs, BASE, FINAL).whole
    assert surface is not None
    analysis = analyse_runs([question], runs, BASE, FINAL)
    assert not analysis.verdict("hidden_activation").has_effect
