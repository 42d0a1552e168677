"""Where in a folder the class folders are, and what to do where there is no telling.

What is advised here must do no harm when it is taken by the letter: images of one class never end
up among those of another, and none takes another's place.
"""

from collections import Counter
from pathlib import Path

from smearflow.cells.files import cell_files, is_bystander
from smearflow.ground.errors import SmearflowError
from smearflow.ground.files import tree_sha256


def labelled_folder(folder: Path, classes: tuple[str, str], option: str = "DATA") -> Path:
    """The folder of the class folders: this one, or the only folder in it, and so on.

    Args:
        classes: label names.
        option: by which a user names another folder, for the message.

    Raises:
        SmearflowError: there is none, there are several, or a class folder holds folders.
    """
    found = folder
    while not _has_classes(found, classes):
        inner = _folders(found)
        if len(inner) != 1:
            raise _without_classes(found, inner, classes, option)
        found = inner[0]
    for beside in _folders(found):
        if nested := _folders(beside):
            if beside.name in classes:
                raise _inside_class(beside, nested, classes)
            raise _beside_classes(found, beside, classes, option)
    return found


def _has_classes(folder: Path, classes: tuple[str, str]) -> bool:
    return any((folder / label).is_dir() for label in classes)


def _without_classes(
    found: Path, inner: list[Path], classes: tuple[str, str], option: str
) -> SmearflowError:
    names = ", ".join(path.name for path in inner) or "no folders"
    problem = f"{found} holds {names}, expected {' and '.join(classes)}"
    if deeper := [place for path in inner if (place := _place_of_classes(path, classes))]:
        below = " and ".join(str(place.relative_to(found)) for place in deeper)
        return SmearflowError(
            f"{problem}, which are in {below}",
            f"name the one that is meant, as {option}={deeper[0]}",
        )
    if not inner:
        return SmearflowError(
            problem,
            f"sort the images into folders of these names, or name others: {option}=<folder>",
        )
    alike = [
        f"{path.name} to {label}"
        for path in inner
        for label in classes
        if path.name.casefold() == label.casefold()
    ]
    rename = "give the folder of each class its name"
    if len(alike) == len(inner):
        rename = f"rename {' and '.join(alike)}"
    # whom a model is retrained for knows its classes already
    setting = (
        "" if option == "CELLS" else " or set problem.positive and problem.negative to theirs,"
    )
    return SmearflowError(
        problem, f"{rename},{setting} or name another folder: {option}=<folder of class folders>"
    )


def _place_of_classes(folder: Path, classes: tuple[str, str]) -> Path | None:
    """The first folder, this one or below, that holds a class folder."""
    if _has_classes(folder, classes):
        return folder
    below = (_place_of_classes(path, classes) for path in _folders(folder))
    return next((place for place in below if place), None)


def _beside_classes(
    found: Path, beside: Path, classes: tuple[str, str], option: str
) -> SmearflowError:
    inner = _place_of_classes(beside, classes)
    if inner is None:
        return SmearflowError(
            f"{found} holds, beside the class folders, {beside.name} with folders in it",
            f"move {beside.name} out of {found}",
        )
    same = _images_of(found, classes) == _images_of(inner, classes)
    return SmearflowError(
        f"{found} holds the class folders twice, {'the same' if same else 'other'} images again in "
        f"{inner.relative_to(found)}",
        f"{'name one of the two' if same else 'find out which are meant'}: {option}={inner}, or "
        f"move {beside.name} out of {found} to use the outer ones",
    )


def _images_of(folder: Path, classes: tuple[str, str]) -> str:
    files = [file for label in classes for file in cell_files(folder / label)]
    return tree_sha256(folder, files)


def _inside_class(label: Path, nested: list[Path], classes: tuple[str, str]) -> SmearflowError:
    for path in nested:
        if path.name.casefold() in [name.casefold() for name in classes]:
            return SmearflowError(
                f"{path} is a class folder inside a class folder",
                f"move {path.name} out of {label.name}/, to where its images belong",
            )
    names = Counter(file.name for file in cell_files(label))
    repeated = sum(count > 1 for count in names.values())
    renamed = (
        f", renamed as {nested[0].name}_<name>: {repeated} names are there more than once"
        if repeated
        else ", where none has the name of another"
    )
    return SmearflowError(
        f"{nested[0]} is a folder inside a class folder, expected {label.name}/<image>",
        f"move the images in {label.name}/ up into it{renamed}",
    )


def _folders(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not is_bystander(path.name)
    )
