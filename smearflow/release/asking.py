"""What releases say about the test cells of a run."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from smearflow.assessment.paired import Scores
from smearflow.cells.raw import RawCells
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.ground.settings import load_yaml
from smearflow.images.decode import pixels_of
from smearflow.images.ranges import Settled
from smearflow.params.registry import Limits
from smearflow.params.whole import Params
from smearflow.records.contest import Comparison, Trial
from smearflow.records.split import Split
from smearflow.release.contest import HeldOutCells, Resampling, Rival, compare
from smearflow.release.folder import Champion, Release
from smearflow.release.trial import CELLS, beyond, start_once
from smearflow.sides.side import load_side
from smearflow.splitting.splits import side_of


def try_out(release: Release, root: Path, limits: Limits) -> Trial:
    """Start a release once, and ask it about test cells.

    Raises:
        SmearflowError: it fails, or takes more than it may.
    """
    trial = start_once(release.folder, cells_for(root, EdgeModel(release.export))[:CELLS])
    if over := list(beyond(trial, limits)):
        raise SmearflowError(
            f"the release takes too much: {'; '.join(over)}",
            "raise registry.limits, or export less",
        )
    return trial


def compare_models(
    release: Release,
    rivals: Sequence[Rival],
    root: Path,
    first_site: str,
    settings: Params,
    new_sites: frozenset[str] = frozenset(),
) -> list[Comparison]:
    """The edge model of a release minus those of its rivals, on the test cells of its run.

    Args:
        rivals: the champion last.
        new_sites: of which it learned nothing.
    """
    side = load_side(root / "outputs/split", "test")
    *former, champion = rivals
    sites = side.table["patient"].str.partition("/")[0].to_numpy(str)
    evaluate, confidence = settings.evaluate, settings.registry.confidence
    return list(
        compare(
            HeldOutCells(side.targets, side.patients, sites, first_site, new_sites),
            _scores(release, root),
            champion,
            former,
            settings.problem.primary_metric,
            Resampling(evaluate.bootstrap_samples, evaluate.seed, confidence),
        )
    )


def rival_of(champion: Champion, root: Path) -> Rival:
    """What a model says about the test cells, and whom of the patients it can't know.

    On which side a patient is depends on the shares of the sides alone: so what a model was trained
    with tells whom it was not trained on. Where the settings of an earlier version tell no shares,
    they are taken for today's.
    """

    patients = load_side(root / "outputs/split", "test").patients
    shares = load_yaml(champion.folder / "params.yaml").get("split", {})
    held_out = np.full(len(patients), True)
    if {"validation", "test"} <= shares.keys():
        test = {
            patient: side_of(patient, shares["validation"], shares["test"]) == "test"
            for patient in set(patients)
        }
        held_out = np.array([test[patient] for patient in patients])
    return Rival(champion.model_id, _scores(champion, root), held_out)


def _scores(release: Release, root: Path) -> Scores:
    model = EdgeModel(release.export)
    return Scores(model.predict(cells_for(root, model))[0], model.threshold)


def cells_for(root: Path, model: EdgeModel) -> npt.NDArray[np.uint8]:
    """The test cells of a run as a model takes them, whenever that was exported.

    The one place where cells are made ready for a model that may be of another run.

    Returns:
        RGB [n, image_size, image_size, 3].
    """
    side = load_side(root / "outputs/split", "test")
    split = Split.read(root)
    if (split.image_size, split.stain_normalised) == (model.image_size, model.stain_normalised):
        return side.pixels
    with RawCells(root / "outputs/ingest/raw") as raw:
        images = [
            pixels_of(raw.read(path), model.image_size, Settled(white))
            for path, white in zip(side.table["path"], side.table["white"], strict=True)
        ]
    return model.prepared(np.stack(images), side.patients.tolist())
