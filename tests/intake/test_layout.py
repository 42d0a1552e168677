"""Where the class folders are; what is advised where there is no telling does no harm."""

import shutil
from pathlib import Path

import pytest

from smearflow.ground.errors import SmearflowError
from smearflow.intake.layout import labelled_folder
from tests.material import CLASSES, write_cells


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Class folders with 4 images of 2 patients."""
    return write_cells(tmp_path / "cell_images", patients=2, per_class=1)


def told(folder: Path, option: str = "DATA") -> SmearflowError:
    with pytest.raises(SmearflowError) as caught:
        labelled_folder(folder, CLASSES, option)
    assert "\n" not in str(caught.value)
    return caught.value


def test_the_only_folder_in_a_folder_is_looked_into(folder: Path) -> None:
    (folder.parent / "__MACOSX").mkdir()
    assert labelled_folder(folder.parent, CLASSES) == folder
    assert labelled_folder(folder, CLASSES) == folder


@pytest.mark.parametrize("option", ["DATA", "CELLS"])
@pytest.mark.parametrize("same", [True, False])
def test_class_folders_twice(folder: Path, option: str, same: bool) -> None:
    inner = folder / "cell_images"
    shutil.copytree(folder, folder.parent / "copy")
    (folder.parent / "copy").rename(inner)
    if not same:
        next((inner / CLASSES[0]).iterdir()).unlink()
    error = told(folder, option)
    assert error.problem.startswith(f"{folder} holds the class folders twice, ")
    assert ("the same images" in error.problem) is same
    assert f"{option}={inner}, " in error.action
    assert f"move cell_images out of {folder}" in error.action
    assert labelled_folder(inner, CLASSES) == inner  # following the advice helps
    inner.rename(folder.parent / "moved")
    assert labelled_folder(folder, CLASSES) == folder


def test_a_folder_per_patient(folder: Path) -> None:
    label = folder / "Parasitized"
    for number, image in enumerate(sorted(label.iterdir())):
        (label / f"P{number}").mkdir()
        image.rename(label / f"P{number}/{image.name}")
    assert told(folder).action == (
        "move the images in Parasitized/ up into it, where none has the name of another"
    )
    for image in label.glob("*/*"):
        image.rename(image.with_name("1.png"))
    assert "renamed as P0_<name>" in told(folder).action


def test_a_class_inside_a_class(folder: Path) -> None:
    shutil.copytree(folder / "Uninfected", folder / "Parasitized/uninfected")
    error = told(folder)
    assert error.problem.endswith("Parasitized/uninfected is a class folder inside a class folder")
    assert error.action.startswith("move uninfected out of Parasitized/")


def test_a_stray_folder_beside_the_classes(folder: Path) -> None:
    (folder / "scripts/old").mkdir(parents=True)
    assert told(folder).action == f"move scripts out of {folder}"


def test_names_in_another_case(folder: Path) -> None:
    for label in CLASSES:
        (folder / label).rename(folder / label.upper())
    error = told(folder)
    assert "holds PARASITIZED, UNINFECTED, expected Parasitized and Uninfected" in error.problem
    assert "rename PARASITIZED to Parasitized and UNINFECTED to Uninfected" in error.action
    assert "problem.positive" in error.action
    assert "problem.positive" not in told(folder, "CELLS").action


def test_other_names(folder: Path) -> None:
    (folder / "Parasitized").rename(folder / "sick")
    (folder / "Uninfected").rename(folder / "uninfected")
    error = told(folder)
    assert "holds sick, uninfected, expected" in error.problem
    assert error.action.startswith("give the folder of each class its name, or set problem.")


def test_no_folders(folder: Path) -> None:
    assert "holds no folders, expected" in told(folder / "Parasitized").problem


def test_a_data_set_in_parts_is_not_renamed(folder: Path, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    for part in ("test", "train"):
        shutil.copytree(folder, parts / part / "cells")
    error = told(parts)
    assert "which are in test/cells and train/cells" in error.problem
    assert error.action == f"name the one that is meant, as DATA={parts}/test/cells"
