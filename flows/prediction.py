"""Labels for images by the edge model of a profile's champion, without Prefect."""

import sys
from pathlib import Path
from typing import NamedTuple

from flows import PROJECT
from flows.decisions import model_at_hand, open_registry
from flows.settings import check_name, check_profile
from flows.worktrees import folder_of_profile, run_folder
from smearflow.cells.naming import tells_patients
from smearflow.edge.predict import Format, label_images
from smearflow.edge.runtime import EdgeModel
from smearflow.edge.scoring import Patterns
from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import load_yaml


class InUse(NamedTuple):
    """An exported model, and how the names of its cells' files tell patients."""

    export: Path
    patterns: Patterns


def label_by_profile(
    images: str,
    profile: str,
    run: str | None,
    *,
    bits: int | None,
    pattern: str | None,
    form: Format,
    output: str | None,
) -> None:
    """Label images by the model in use, as `smearflow.edge.predict.label_images`.

    Args:
        images: an image, or a folder of images at any depth.
        run: folder of a run whose model is wanted, instead of the profile's champion.
        bits: of samples of more than 8 bits; None: by their tags, or measured.
        pattern: that finds the patient in a file's name; None: those of the model's sources.
        output: folder for the tables; None: they are printed.

    Raises:
        SmearflowError: there are no images, or no model.
    """
    if not images:
        raise SmearflowError(
            "no images are named",
            "name a folder of cell images, or an image: make predict IMAGES=<folder or image>",
        )
    found = model_in_use(profile, Path(run) if run else None)
    label_images(
        Path(images),
        EdgeModel(found.export),
        bits=bits,
        patterns=[pattern] if pattern else list(filter(tells_patients, found.patterns)),
        form=form,
        output=Path(output) if output else None,
    )


def model_in_use(profile: str, run: Path | None = None) -> InUse:
    """The edge model to use.

    Args:
        run: folder of a run whose model is wanted, instead of the profile's champion.

    Returns:
        Where nothing was promoted, that of the last run, and standard error says so.

    Raises:
        SmearflowError: there is no such run or profile; or nothing was promoted, and no run
            exported a model.
    """
    if run is not None:
        return _of_run(run_folder(run))
    check_name(profile)
    champion = open_registry(PROJECT, to_read=True).champion(profile)
    if champion is not None:
        held = model_at_hand(PROJECT, champion)
        return InUse(held.export, held.card.patient_patterns)
    check_profile(PROJECT, profile)
    last = _of_run(folder_of_profile(PROJECT, profile))
    if not last.export.is_dir():
        raise SmearflowError(
            f"profile {profile} has no model", f"train one: make run PROFILE={profile}"
        )
    print(
        f"{profile} has no model in use: labelled by the last run's, {last.export}", file=sys.stderr
    )
    return last


def _of_run(root: Path) -> InUse:
    settings = root / "params.yaml"
    sources = load_yaml(settings)["ingest"]["sources"] if settings.is_file() else [{}]
    return InUse(root / "outputs/export", [each.get("patient_pattern") for each in sources])
