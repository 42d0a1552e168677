from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from smearflow.cells.naming import parse_name
from smearflow.ground.errors import SmearflowError
from smearflow.images.statistics import measure
from smearflow.sample import (
    Kind,
    RenderedCell,
    random_patient,
    render_cell,
)
from smearflow.sample.__main__ import main
from smearflow.sample.artefacts import ARTEFACTS
from smearflow.sample.parasites import KINDS
from smearflow.sample.sheet import CAPTION, TILE, contact_sheet
from smearflow.sample.writing import WRONG_LABELS, Order, write_batch, write_sample
from smearflow.splitting.splits import side_of
from tests.material import CLASSES
from tests.stages.project import tree


@pytest.fixture(scope="module")
def cells() -> list[RenderedCell]:
    """160 cells of 40 patients, every other one infected."""
    return [render_cell(1, n % 40, n // 40, bool(n % 2)) for n in range(160)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """5 patients, 80 cells."""
    folder = tmp_path_factory.mktemp("sample") / "cells"
    write_sample(folder, CLASSES[::-1], patients=5, cells=80, seed=1)
    return folder


def test_a_cell_depends_on_its_numbers_alone() -> None:
    first = render_cell(1, 3, 5, infected=True)
    render_cell(1, 3, 4, infected=False)
    again = render_cell(1, 3, 5, infected=True)
    assert np.array_equal(first.pixels, again.pixels)
    assert np.array_equal(first.mask, again.mask)
    assert first.parasites == again.parasites


@pytest.mark.parametrize("numbers", [(2, 3, 5), (1, 4, 5), (1, 3, 6)])
def test_every_number_makes_another_cell(numbers: tuple[int, int, int]) -> None:
    pixels = render_cell(*numbers, infected=True).pixels
    assert not np.array_equal(pixels, render_cell(1, 3, 5, infected=True).pixels)


def test_a_patient_has_one_stain_and_a_field_one_light() -> None:
    cells = [render_cell(1, 3, number, infected=False) for number in (0, 7, 8)]
    assert len({cell.patient for cell in cells}) == 1
    assert cells[0].field == cells[1].field != cells[2].field
    assert render_cell(1, 4, 0, infected=False).patient != cells[0].patient


def test_cells_are_cut_out_on_black(cells: list[RenderedCell]) -> None:
    for cell in cells:
        inside = cell.pixels.max(axis=2) > 0
        assert 0.3 < inside.mean() < 0.95
        for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
            assert edge.any()  # the crop is as small as can be
    sizes = [cell.pixels.shape[0] for cell in cells]
    assert 115 < np.median(sizes) < 145
    areas = [cell.pixels.any(axis=2).mean() for cell in cells]
    assert 0.65 < np.median(areas) < 0.8


def test_the_truth_about_infected_cells(cells: list[RenderedCell]) -> None:
    infected = [cell for cell in cells if cell.infected]
    assert len(infected) == 80
    assert all(cell.parasites for cell in infected)
    assert {each.kind for cell in infected for each in cell.parasites} <= set(KINDS)
    assert any(len(cell.parasites) > 1 for cell in infected)
    assert any(each.at_rim for cell in infected for each in cell.parasites)
    seen = [cell for cell in infected if cell.mask.any()]
    assert len(seen) > 0.9 * len(infected)  # a faint one may leave no mask
    for cell in seen:
        assert cell.mask.shape == cell.pixels.shape[:2]
        assert not (cell.mask & ~cell.pixels.any(axis=2)).any()
        assert cell.mask.mean() < 0.25


def test_parasites_are_where_the_truth_says(cells: list[RenderedCell]) -> None:
    for cell in cells:
        for each in cell.parasites if len(cell.parasites) == 1 else ():
            rows, columns = np.nonzero(cell.mask)
            distances = np.hypot(rows - each.row, columns - each.column)
            assert not len(rows) or np.median(distances) < each.diameter


def test_parasites_take_the_stain(cells: list[RenderedCell]) -> None:
    """The green channel, where chromatin is densest, is darker in the mask than around it."""
    contrasts = [
        np.median(cell.pixels[cell.pixels.any(axis=2) & ~cell.mask][:, 1])
        - np.median(cell.pixels[cell.mask][:, 1])
        for cell in cells
        if cell.mask.any()
    ]
    assert np.median(contrasts) > 30
    assert min(contrasts) > 0


def test_the_truth_about_healthy_cells(cells: list[RenderedCell]) -> None:
    healthy = [cell for cell in cells if not cell.infected]
    assert not any(cell.parasites or cell.mask.any() for cell in healthy)
    artefacts = Counter(cell.artefact for cell in healthy)
    assert set(artefacts) <= {None, *ARTEFACTS}
    assert 0.1 < 1 - artefacts[None] / len(healthy) < 0.4


def test_randomised_patients_are_far_apart() -> None:
    def spread(wild: float) -> float:
        stains = [random_patient(1, number, wild=wild).cell for number in range(100)]
        return float(np.std(np.log(stains), axis=0).mean())

    assert spread(1.0) > 1.5 * spread(0.0)
    assert render_cell(1, 3, 5, infected=True, wild=1.0).pixels.any()


def test_names_tell_patient_and_field(sample: Path) -> None:
    names = [parse_name(file.stem) for file in sample.glob("*/*.png")]
    assert Counter(name.patient for name in names) == {f"C{n}": 16 for n in range(1, 6)}
    assert set(Counter(name.field for name in names).values()) == {8}


def test_both_classes_of_every_patient(sample: Path) -> None:
    for label in CLASSES:
        files = list((sample / label).iterdir())
        assert 28 < len(files) < 52
        assert len({parse_name(file.stem).patient for file in files}) == 5


def test_the_same_sample_twice(sample: Path, tmp_path: Path) -> None:
    write_sample(tmp_path / "again", CLASSES[::-1], patients=5, cells=80, seed=1)
    assert tree(tmp_path / "again") == tree(sample)
    assert [path.name for path in tmp_path.iterdir()] == ["again"]
    write_sample(tmp_path / "fewer", CLASSES[::-1], patients=5, cells=10, seed=1)
    assert tree(tmp_path / "fewer").items() < tree(sample).items()
    write_sample(tmp_path / "other", CLASSES[::-1], patients=5, cells=10, seed=2)
    assert not set(tree(tmp_path / "other").values()) & set(tree(sample).values())


def test_further_patients_are_on_the_test_side(sample: Path, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    write_sample(folder, CLASSES[::-1], patients=5, cells=80, seed=1, test_patients=7)
    assert tree(sample).items() < tree(folder).items()
    cells = Counter(str(parse_name(file.stem).patient) for file in folder.glob("*/*.png"))
    further = {patient: count for patient, count in cells.items() if int(patient[1:]) > 5}
    assert list(further.values()) == [16] * 7
    for test in (0.1, 0.2, 0.4):
        assert {side_of(f"sample/{patient}", 0.2, test) for patient in further} == {"test"}


def test_a_few_labels_are_wrong() -> None:
    orders = [Order(1, number % 60, number // 60) for number in range(3000)]
    assert [Order.of(f"any/{each.name}", 1) for each in orders[::100]] == orders[::100]
    wrong = np.mean([order.infected != order.labelled_infected for order in orders])
    assert 0.5 * WRONG_LABELS < wrong < 2 * WRONG_LABELS
    assert 0.45 < np.mean([order.infected for order in orders]) < 0.55


def test_a_sample_replaces_nothing(tmp_path: Path) -> None:
    with pytest.raises(SmearflowError, match="exists; name another"):
        write_sample(tmp_path, CLASSES, patients=2, cells=4, seed=1)
    for patients, test_patients in ((1000, 0), (60, 300)):
        with pytest.raises(SmearflowError, match="too many; render fewer"):
            write_sample(
                tmp_path / "new", CLASSES, patients, 2000, seed=1, test_patients=test_patients
            )
    assert not list(tmp_path.iterdir())


def test_batches_have_patients_of_their_own(sample: Path, tmp_path: Path) -> None:
    write_batch(tmp_path / "1", "plain", 1, patients=3, cells=6)
    write_batch(tmp_path / "2", "plain", 2, patients=3, cells=6)
    patients = [
        {parse_name(file.stem).patient for file in folder.rglob("*.png")}
        for folder in (sample, tmp_path / "1", tmp_path / "2")
    ]
    assert [len(each) for each in patients] == [5, 3, 3]
    assert len(set.union(*patients)) == 11


@pytest.mark.parametrize(
    ("kind", "statistic", "direction"),
    [("stain", "red_mean", 1), ("camera", "red_spread", 1), ("blur", "sharpness", -1)],
)
def test_shifted_batches_differ(kind: Kind, statistic: str, direction: int) -> None:
    """Beyond what patients differ by: the mean moves by more than their standard deviation."""

    def per_patient(kind: Kind) -> np.ndarray:
        cells = [[render_cell(1, 1000 + p, c, True, kind) for c in range(3)] for p in range(12)]
        values = [
            [measure(Image.fromarray(cell.pixels))[statistic] for cell in patient]
            for patient in cells
        ]
        return np.mean(values, axis=1)

    plain, shifted = per_patient("plain"), per_patient(kind)
    assert direction * (shifted.mean() - plain.mean()) > plain.std()


def test_parasites_out_of_focus_fade() -> None:
    def darkest(number: int, kind: Kind) -> float:
        cell = render_cell(1, 1000, number, True, kind)
        return float(np.percentile(cell.pixels[cell.mask][:, 1], 5))

    fading = [darkest(number, "blur") - darkest(number, "plain") for number in range(12)]
    assert np.median(fading) > 30


def test_a_contact_sheet() -> None:
    images = [np.full((90, 200, 3), 255, np.uint8)] * 5
    sheet = contact_sheet({"many": images, "few": images[:2]}, columns=4)
    assert sheet.size == (4 * TILE, 2 * CAPTION + 3 * TILE)
    assert np.asarray(sheet)[CAPTION + 10, [10, TILE + 10]].all()
    assert not np.asarray(sheet)[CAPTION + TILE + 10, TILE + 10 :].any()


def test_the_command_writes_sheets_and_batches(
    sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["sheet", "--out", str(tmp_path / "real.png"), "--folder", str(sample)])
    with Image.open(tmp_path / "real.png") as sheet:
        assert sheet.width == 12 * TILE
    main(["batch", "--out", str(tmp_path / "batch"), "--kind", "blur", "--cells", "8"])
    assert len(list((tmp_path / "batch").iterdir())) == 8
    with pytest.raises(SystemExit, match="exists; name another"):
        main(["batch", "--out", str(tmp_path / "batch")])
    with pytest.raises(SystemExit):
        main(["batch", "--out", str(tmp_path / "other"), "--kind", "sepia"])
    assert "sepia" in capsys.readouterr().err
