from pathlib import Path

import pytest

from benchmarks.drift import alert_table, judge_batches, main
from smearflow.monitoring.stored import save_baseline
from smearflow.sample.writing import write_sample
from smearflow.windows import judge as windows
from tests.material import short_params
from tests.monitoring.colour_model import ColourModel, toy_baseline
from tests.stages.project import make_project


@pytest.fixture
def rendered_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with the baseline of a rendered batch; read only."""
    monkeypatch.setattr(windows, "EdgeModel", ColourModel)
    write_sample(tmp_path / "cells", ("Uninfected", "Parasitized"), patients=24, cells=480, seed=1)
    root = make_project(tmp_path / "run", short_params(tmp_path, tmp_path))
    for stage in ("export", "baseline"):
        (root / "outputs" / stage).mkdir(parents=True)
    baseline = toy_baseline(tmp_path / "cells", resamples=40)
    save_baseline(baseline, root / "outputs/baseline")
    return root


def test_plain_batches_are_stable_and_another_stain_is_not(rendered_run: Path) -> None:
    verdicts = list(judge_batches(rendered_run, 1))
    assert verdicts == [(1, "plain", "stable"), (2, "stain", "drift")]


def test_the_table_counts_alerts_of_any_kind() -> None:
    verdicts = [("plain", "stable"), ("stain", "drift"), ("blur", "invalid window")]
    assert alert_table(verdicts).splitlines()[2:] == [  # type: ignore[arg-type]
        "| plain | 1 | 0 |",
        "| stain | 1 | 1 |",
        "| camera | 0 | 0 |",
        "| blur | 1 | 1 |",
        "| all shifted | 2 | 2 |",
    ]


def test_a_folder_that_holds_no_run_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"^error: .*params\.yaml does not exist"):
        main(["--run", str(tmp_path)])
