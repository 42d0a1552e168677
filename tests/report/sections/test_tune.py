from pathlib import Path

from smearflow.params.model import Configuration
from smearflow.records.search.best import Best
from smearflow.records.search.finalists import Finalist, Finalists, Gain
from smearflow.records.search.trials import AtBound, TrialRecord, Trials
from smearflow.report.elements import Section
from smearflow.report.sections.tune import tune_section
from tests.wording import numbers

USUAL = Configuration()


def section(
    root: Path,
    gain: Gain | None,
    *alike: str | None,
    winner: str | None = "0",
    bounds: tuple[AtBound, ...] = (),
) -> Section:
    trials = [_trial("0", 0.14), _trial("1", 0.12)]
    folder = Trials.path(root).parent
    folder.mkdir(parents=True, exist_ok=True)
    Trials(trials=tuple(trials), at_bounds=bounds).write(folder)
    Best(configuration=USUAL, trial_id="0", val_loss=0.14, val_accuracy=0.9).write(folder)
    rows = [_row(name, name in alike) for name in ("1", "0", None)]
    Finalists(seeds=(101, 102), epochs=20, rows=tuple(rows), winner=winner, gain=gain).write(folder)
    found = tune_section(root, root)
    assert found is not None
    return found


def _trial(name: str, loss: float) -> TrialRecord:
    return TrialRecord(
        trial_id=name,
        status="COMPLETED",
        configuration=USUAL.model_copy(update={"learning_rate": loss / 100}),
        val_loss=loss,
        val_accuracy=0.9,
        curve={},
        message=None,
    )


def _row(name: str | None, alike: bool) -> Finalist:
    losses = (0.13, None) if name is None else (0.13, 0.15)
    mean, std = (None, None) if name is None else (0.14, 0.0141)
    return Finalist(
        trial_id=name, configuration=USUAL, losses=losses, mean=mean, std=std, alike=alike
    )


def test_who_won_and_by_how_much(tmp_path: Path) -> None:
    gain = Gain(trial_id="0", difference=0.02, low=-0.01, high=0.05)
    found = section(tmp_path, gain, "0", "1")
    *_, winner, gained = found.sentences
    assert "trial 1 and trial 0" in winner
    assert winner.endswith("trial 0.")
    assert numbers(gained)[:2] == [0, 0.02]
    assert "no detectable difference" in gained
    sure = section(
        tmp_path, Gain(trial_id="0", difference=0.02, low=0.01, high=0.03), "0"
    ).sentences
    assert "no detectable difference" not in sure[-1]
    assert "unknown" in section(tmp_path, None, "0").sentences[-1]
    *_, defaults, _ = section(tmp_path, gain, "0", None, winner=None).sentences
    assert "no trial is better" in defaults
    assert [row[0] for row in found.tables[0].rows] == ["1", "0", "defaults"]
    assert "diverged" in found.tables[0].rows[-1][2]


def test_a_bound_at_which_the_best_lies_is_told(tmp_path: Path) -> None:
    moved = AtBound(name="learning_rate", side="up", before=0.000139, after=0.0003, trials=6)
    stayed = AtBound(name="weight_decay", side="down", before=0.01, after=None, trials=10)
    _, first, second, *_ = section(tmp_path, None, "0", bounds=(moved, stayed)).sentences
    assert numbers(first) == [6, 0.000139, 0.0003]
    assert numbers(second) == [0.01]
