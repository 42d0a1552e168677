import base64
import gzip
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from smearflow.ground.errors import SmearflowError
from smearflow.images.statistics import STATISTICS
from smearflow.monitoring.limits import undefined_limits
from smearflow.monitoring.stored import load_baseline, save_baseline
from smearflow.records.verdict import NoCellKind, PatientNames, Repeat, Undecodable, Verdict
from smearflow.report.drift.verdict import alerts, notes
from smearflow.report.elements import Section
from smearflow.report.sections.monitor import monitor_section
from smearflow.windows import judge as windows
from smearflow.windows.judge import judge_window
from smearflow.windows.patients import count_patients
from smearflow.windows.read import EXCLUDED
from tests.material import PROJECT, cell_image, write_cells
from tests.monitoring.colour_model import ColourModel, toy_baseline


@pytest.fixture(scope="module")
def baseline_folder(cells: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baseline")
    save_baseline(toy_baseline(cells, resamples=100), folder)
    return folder


@pytest.fixture(autouse=True)
def _colour_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "EdgeModel", ColourModel)


def _judge(
    window: Path,
    baseline: Path,
    tmp_path: Path,
    patterns: Sequence[str | None] = (None,),
    least: int = 30,
) -> Verdict:
    outputs, reports = tmp_path / "outputs", tmp_path / "reports"
    window.mkdir(exist_ok=True)
    outputs.mkdir()
    reports.mkdir()
    suite = PROJECT / "expectations" / "incoming.json"
    verdict = judge_window(
        tmp_path, baseline, window, suite, least, outputs, reports, patterns=patterns
    )
    assert Verdict.read_from(outputs) == verdict
    return verdict


def _failing(verdict: Verdict) -> list[str | None]:
    """The columns of the critical checks that fail."""
    assert verdict.checks is not None
    found = [each for each in verdict.checks.expectations if each.severity == "critical"]
    return [each.column for each in found if not each.success]


def _unpacked(page: Path) -> str:
    """Evidently's page, as a browser unpacks it."""
    packed = page.read_text().split('type="text/plain">')[1].split("<")[0]
    return gzip.decompress(base64.b64decode(packed)).decode()


def test_other_patients_are_no_drift(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101)
    verdict = _judge(window, baseline_folder, tmp_path)
    assert verdict.verdict == "stable"
    assert alerts(verdict) == []
    assert verdict.share == 0
    assert verdict.window.cells == 64
    assert verdict.window.patients == 8
    assert verdict.predicted_positive_share == pytest.approx(0.5, abs=0.05)
    scores = pd.read_parquet(tmp_path / "outputs" / "scores.parquet")
    assert list(scores) == ["file", "probability", "label", *STATISTICS, *EXCLUDED]
    assert (
        scores["file"].str.startswith("Para") == (scores["label"] == "Parasitized")
    ).mean() > 0.9


def test_another_stain_is_drift_and_said_so(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, stain=1.5)
    verdict = _judge(window, baseline_folder, tmp_path)
    assert verdict.verdict == "drift"
    drifted = {score.name for score in verdict.scores if score.drifted}
    assert {"red_mean", "embedding"} <= drifted
    assert verdict.share == len(drifted) / len(verdict.scores)
    by_name = {score.name: score for score in verdict.scores}
    assert (by_name["red_mean"].window or 0) > (by_name["red_mean"].baseline or 0)
    assert by_name["label"].window == 1
    assert by_name["label"].baseline == pytest.approx(0.48, abs=0.1)
    assert by_name["label"].deviation is None
    assert by_name["embedding"].window is None
    file = tmp_path / "reports" / "drift.html"
    assert file.stat().st_size < 2e6
    page = _unpacked(file)
    assert "red_mean" in page
    assert "<script src=" not in page, "the page must work offline"
    found = json.loads((tmp_path / "outputs" / "distributions.json").read_text())
    assert found["cells"]["window"] == 64
    assert set(found["columns"]) == {*STATISTICS, "probability"}
    for column in found["columns"].values():
        assert len(column["edges"]) == len(column["window"]) + 1 == len(column["baseline"]) + 1
        assert sum(column["window"]) == pytest.approx(1)
        assert sum(column["baseline"]) == pytest.approx(1)
    red = found["columns"]["red_mean"]
    middle = [sum(pair) / 2 for pair in zip(red["edges"], red["edges"][1:], strict=False)]
    means = [
        sum(place * share for place, share in zip(middle, red[which], strict=True))
        for which in ("window", "baseline")
    ]
    assert means[0] > means[1]


def test_an_empty_folder_is_no_window(baseline_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "window").mkdir()
    (tmp_path / "window" / "README.md").write_text("put images here")
    verdict = _judge(tmp_path / "window", baseline_folder, tmp_path)
    assert verdict.verdict == "no window"
    assert verdict.scores == ()
    assert not (tmp_path / "outputs" / "scores.parquet").exists()


def test_few_cells_are_scored_but_not_judged(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=1, per_class=2, stain=1.5)
    verdict = _judge(window, baseline_folder, tmp_path)
    assert verdict.verdict == "too few cells"
    assert (verdict.window.compared, verdict.least_cells) == (4, 30)
    assert _failing(verdict) == []
    assert len(pd.read_parquet(tmp_path / "outputs" / "scores.parquet")) == 4
    assert list((tmp_path / "reports").iterdir()) == []


def test_nothing_but_damaged_files(baseline_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "window").mkdir()
    (tmp_path / "window" / "a.png").write_bytes(b"no image")
    verdict = _judge(tmp_path / "window", baseline_folder, tmp_path)
    assert verdict.verdict == "too few cells"
    assert verdict.window.undecodable_files == (Undecodable(file="a.png", error="not an image"),)
    assert _failing(verdict) == ["error"]


def test_many_damaged_files_make_a_window_invalid_a_few_do_not(
    baseline_folder: Path, tmp_path: Path
) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101)
    (window / "a.png").write_bytes(b"no image")
    (tmp_path / "few").mkdir()
    verdict = _judge(window, baseline_folder, tmp_path / "few")
    assert (verdict.verdict, verdict.window.undecodable) == ("stable", 1)
    for number in range(20):
        (window / f"b{number}.png").write_bytes(b"no image")
    (tmp_path / "many").mkdir()
    verdict = _judge(window, baseline_folder, tmp_path / "many")
    assert (verdict.verdict, verdict.window.undecodable) == ("invalid window", 21)
    assert _failing(verdict) == ["error"]
    assert verdict.scores, "they are shown, but decide nothing"


def field(number: int) -> Image.Image:
    return Image.new("RGB", (1600, 1200), (200, 160 + number, 170))


def black(number: int) -> Image.Image:
    return Image.new("RGB", (50 + number % 7, 50))


def copy(number: int) -> Image.Image:
    cell = cell_image(np.random.default_rng(1), parasitized=True)
    return cell.transpose(list(Image.Transpose)[number % 7])


@pytest.mark.parametrize(
    ("draw", "kinds", "repeats"),
    [
        (field, [NoCellKind(kind="larger than a cell", images=40)], 0),
        (black, [NoCellKind(kind="black", images=40)], 0),
        (copy, [], 39),
    ],
)
def test_what_is_no_window_of_cells_is_invalid_not_drift(
    draw: Callable[[int], Image.Image],
    kinds: list[NoCellKind],
    repeats: int,
    baseline_folder: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "window").mkdir()
    for number in range(40):
        draw(number).save(tmp_path / "window" / f"{number:02}.png")
    verdict = _judge(tmp_path / "window", baseline_folder, tmp_path)
    assert verdict.verdict == "invalid window"
    assert _failing(verdict) == ["repeat_of" if repeats else "no_cell"]
    assert verdict.scores == ()
    assert verdict.window.cells == 40
    assert list(verdict.window.no_cell_kinds) == kinds
    assert verdict.window.no_cells == sum(kind.images for kind in kinds)
    assert verdict.window.repeats == repeats
    assert len(pd.read_parquet(tmp_path / "outputs/scores.parquet")) == 40
    assert list((tmp_path / "reports").iterdir()) == []


def test_a_few_of_them_are_told_and_not_compared(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101)
    (tmp_path / "without").mkdir()
    without = _judge(window, baseline_folder, tmp_path / "without")
    for number in range(4):
        black(number).save(window / f"{number}.png")
    copied = sorted(window.glob("*/*.png"))[5]
    Image.open(copied).rotate(180).save(window / "turned.jpg", quality=90)
    (tmp_path / "with").mkdir()
    verdict = _judge(window, baseline_folder, tmp_path / "with")
    assert verdict.verdict == "stable"
    window_facts = verdict.window
    assert (window_facts.cells, window_facts.compared, window_facts.repeats) == (69, 64, 1)
    assert window_facts.no_cell_kinds == (NoCellKind(kind="black", images=4),)
    assert len(alerts(verdict)) == 2
    assert verdict.scores == without.scores
    assert verdict.predicted_positive_share == without.predicted_positive_share
    files = verdict.window.no_cell_files
    assert [each.file for each in files] == [f"{number}.png" for number in range(4)]
    assert files[0].no_cell.startswith("black")
    relative = copied.relative_to(window).as_posix()
    assert verdict.window.repeat_files == (Repeat(file="turned.jpg", repeat_of=relative),)


def test_too_few_images_are_too_few_whatever_they_show(
    baseline_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "window").mkdir()
    for number in range(5):
        black(number).save(tmp_path / "window" / f"{number}.png")
    verdict = _judge(tmp_path / "window", baseline_folder, tmp_path)
    assert verdict.verdict == "too few cells"
    assert verdict.window.no_cell_kinds == (NoCellKind(kind="black", images=5),)
    assert verdict.predicted_positive_share is None


def test_too_few_that_can_be_compared(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=7, per_class=2, first_patient=101)
    for number in range(2):
        black(number).save(window / f"{number}.png")
    verdict = _judge(window, baseline_folder, tmp_path)
    assert (verdict.window.cells, verdict.window.compared) == (30, 28)
    assert verdict.verdict == "too few cells"


def test_a_baseline_of_another_model(
    baseline_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ColourModel, "sha256", "1" * 64)
    with pytest.raises(SmearflowError, match="of another model"):
        _judge(tmp_path / "window", baseline_folder, tmp_path)


def test_a_folder_that_does_not_exist(baseline_folder: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    with pytest.raises(SmearflowError, match="is no folder"):
        judge_window(
            tmp_path, baseline_folder, missing, tmp_path, 30, tmp_path, tmp_path, patterns=(None,)
        )


@pytest.mark.parametrize(
    ("patients", "count"),
    [(["a", "a", "b"], 2), (["a", None, None], 2), ([None, None], 1), ([], 0)],
)
def test_unknown_patients_count_as_one(patients: list[str | None], count: int) -> None:
    assert count_patients(pd.DataFrame({"patient": pd.Series(patients, dtype=object)})) == count


def _renamed(window: Path, folder: Path, name: str) -> Path:
    """The cells of a window under names of another scheme, in one folder."""
    folder.mkdir()
    for number, file in enumerate(sorted(window.rglob("*.png"))):
        patient = file.name.partition("P")[0][1:]
        shutil.copy2(file, folder / name.format(number=number, patient=patient))
    return folder


def test_a_window_is_judged_alike_under_names_of_the_scheme_it_was_trained_with(
    baseline_folder: Path, tmp_path: Path
) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101, stain=0.3)
    own = _renamed(window, tmp_path / "own", "lab_{patient}_{number}.png")
    found = []
    for number, (cells, patterns) in enumerate(
        [
            (window, (None,)),
            (own, (r"^lab_(?P<patient>\d+)_",)),
            (own, (None, r"_(?P<patient>\d+)_")),
        ]
    ):
        (tmp_path / f"{number}").mkdir()
        found.append(_judge(cells, baseline_folder, tmp_path / f"{number}", patterns))
    assert [verdict.window.patients for verdict in found] == [8, 8, 8]
    names = PatientNames(patients=8, cells=64, unnamed=0, usual=8)
    assert all(verdict.window.names == names for verdict in found)
    limits = [{each.name: each.limit for each in verdict.scores} for verdict in found]
    assert limits[0] == limits[1] == limits[2]


@pytest.mark.parametrize(
    ("name", "named"),
    [("C{number:04}.png", 0), ("cell-{number}.png", 0), ("C{number:04}_a.png", 64)],
)
def test_names_that_number_the_cells_tell_no_patient(
    name: str, named: int, baseline_folder: Path, tmp_path: Path
) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101)
    numbered = _renamed(window, tmp_path / "numbered", name)
    verdict = _judge(numbered, baseline_folder, tmp_path)
    assert verdict.window.patients == 1
    assert (verdict.window.names.patients, verdict.window.names.cells) == (named, named)
    assert alerts(verdict) == []
    baseline = load_baseline(baseline_folder)
    widest = baseline.sites[0].limits[1].values | baseline.limits[1].values
    assert {each.name: each.limit for each in verdict.scores} == widest


def test_true_names_of_patients_with_few_cells_each_are_believed(
    baseline_folder: Path, tmp_path: Path
) -> None:
    window = write_cells(tmp_path / "window", patients=30, per_class=1, seed=2, first_patient=101)
    verdict = _judge(window, baseline_folder, tmp_path)
    assert verdict.window.patients == 30
    assert verdict.window.names.patients == 30


def test_cells_without_a_patient_among_others_are_said(
    baseline_folder: Path, tmp_path: Path
) -> None:
    window = write_cells(tmp_path / "window", patients=8, seed=2, first_patient=101)
    next((window / "Uninfected").iterdir()).rename(window / "unnamed.png")
    verdict = _judge(window, baseline_folder, tmp_path)
    assert verdict.window.patients == 9
    assert (verdict.window.names.patients, verdict.window.names.unnamed) == (8, 1)


def test_a_window_of_one_cell_can_be_judged(baseline_folder: Path, tmp_path: Path) -> None:
    window = write_cells(tmp_path / "window", patients=1, per_class=1, stain=3)
    next((window / "Parasitized").iterdir()).unlink()
    verdict = _judge(window, baseline_folder, tmp_path, least=1)
    assert verdict.verdict == "drift"
    embedding = verdict.scores[-1]
    assert (embedding.name, embedding.score, embedding.drifted) == (
        "embedding",
        None,
        False,
    )
    assert embedding not in verdict.judged
    section = _section_of(verdict, tmp_path)
    assert section.tables[0].rows[-1][:1] == ("not judged",)
    for note in notes(verdict):
        assert any(note[1:] in sentence for sentence in section.sentences)
    assert section.links


def test_without_limits_nothing_is_called_stable(
    baseline_folder: Path, cells: Path, tmp_path: Path
) -> None:
    baseline = load_baseline(baseline_folder)
    site = replace(baseline.sites[0], limits={1: undefined_limits(baseline.of_images, patients=1)})
    untold = {1: undefined_limits(baseline.of_model, patients=1)}
    (tmp_path / "untold").mkdir()
    save_baseline(replace(baseline, limits=untold, sites=(site,)), tmp_path / "untold")
    verdict = _judge(cells, tmp_path / "untold", tmp_path)
    assert verdict.verdict == "not judged"
    assert verdict.share == 0
    assert verdict.judged == ()
    assert alerts(verdict)  # a window without a judgement is never passed over
    assert {score.limit for score in verdict.scores} == {None}
    assert list((tmp_path / "reports").iterdir()) == []
    section = _section_of(verdict, tmp_path)
    assert {row[0] for row in section.tables[0].rows} == {"not judged"}
    assert section.links == []


def _section_of(verdict: Verdict, root: Path) -> Section:
    (root / "outputs/monitor").mkdir()
    verdict.write(root / "outputs/monitor")
    section = monitor_section(root, root / "pictures")
    assert section is not None
    return section
