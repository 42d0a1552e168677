"""What share of images that are no cell is refused, and of real cells of patients never seen.

    python -m benchmarks.not_a_cell --run runs/nih --other <folder of another laboratory's cells>

Judged as `smearflow predict` judges, by size and content and by the distance of the embedding; and
beside it by other distances, each with a limit that validation patients set by the same rule.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.covariance import ledoit_wolf
from sklearn.neighbors import NearestNeighbors

from benchmarks.no_cells import ALONE, OF_CELLS
from smearflow.cells.files import cell_files
from smearflow.cells.raw import RawCells
from smearflow.conversion.convert import even_steps
from smearflow.conversion.novelty import CELLS, limit_of, usual_embeddings
from smearflow.edge.plausible import why_no_cell
from smearflow.edge.runtime import EdgeModel
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import decode, resize
from smearflow.sides.side import Side, load_side

Floats = npt.NDArray[np.floating]
Distances = Callable[[Floats], Floats]

NEIGHBOURS, NEIGHBOURHOOD = 10, 1000  # of the distance of Sun et al.
TOGETHER = 6  # cells of a patient that a maker of no cells gets


@dataclass(frozen=True)
class Seen:
    """Images as a model sees them.

    Attributes:
        embeddings: [n, D].
        implausible: bool [n], refused by size or content.
    """

    embeddings: Floats
    implausible: npt.NDArray[np.bool_]


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.not_a_cell", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with outputs/ of a run")
    parser.add_argument("--other", type=Path, help="cells of another laboratory")
    parser.add_argument("--images", type=int, default=1000, help="of each kind that is no cell")
    options = parser.parse_args(arguments)
    try:
        for line in table(options.run, options.other, options.images):
            print(line, flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def table(run: Path, other: Path | None, images: int) -> Iterator[str]:
    """A Markdown table: a row per kind of image, a column per way of judging.

    Args:
        run: folder of a run on segmented cells whose stage export has ended.
        other: folder of cells of another laboratory.
        images: of each kind that is no cell.
    """
    model, split = EdgeModel(run / "outputs/export"), run / "outputs/split"
    train, validation, test = (load_side(split, side) for side in ("train", "validation", "test"))
    learned = train.take(even_steps(len(train.targets), CELLS))
    embeddings = model.predict(learned.pixels)[1]
    ways = ways_of_judging(embeddings, learned.targets)
    usual = model.predict(validation.pixels)[1]
    limits = {name: limit_of(far(usual), validation.patients) for name, far in ways.items()}

    yield f"| share refused | size and content | {' | '.join(ways)} |"
    yield "|---" * (len(ways) + 2) + "|"
    unseen = Seen(model.predict(test.pixels)[1], np.zeros(len(test.targets), bool))
    yield _row(f"test cells ({len(test.targets):,})", unseen, ways, limits)
    yield _line("of them, of the worst patient", _worst_patient(unseen, test, ways, limits))
    if other is not None:
        cells = [decode(file.read_bytes()).image for file in cell_files(other)]
        yield _row(f"another laboratory's cells ({len(cells):,})", see(model, cells), ways, limits)
    for name, made in _no_cells(run, test, images):
        yield _row(name, see(model, made), ways, limits)


def ways_of_judging(embeddings: Floats, targets: npt.NDArray[np.int8]) -> dict[str, Distances]:
    """Distances from embeddings [n, D] of cells with targets [n]."""
    normed = _normed(embeddings)
    whole, whole_normed = (whole_gaussians(each, targets) for each in (embeddings, normed))
    some = normed[even_steps(len(normed), NEIGHBOURHOOD)]
    near = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(some)
    return {
        "as shipped": usual_embeddings(embeddings).distances,
        "whole covariance, per class": whole,
        "of length 1, the same": lambda each: whole_normed(_normed(each)),
        "of length 1, tenth neighbour": lambda each: near.kneighbors(_normed(each))[0][:, -1],
    }


def whole_gaussians(embeddings: Floats, targets: npt.NDArray[np.int8]) -> Distances:
    """Mahalanobis distance from the nearer class (Lee et al. 2018), its covariance that of both,
    shrunk (Ledoit and Wolf 2004)."""
    classes = [embeddings[targets == target].astype(np.float64) for target in (0, 1)]
    means = [own.mean(axis=0) for own in classes]
    away = np.concatenate([own - mean for own, mean in zip(classes, means, strict=True)])
    root = np.linalg.cholesky(np.linalg.inv(ledoit_wolf(away, assume_centered=True)[0]))

    def distances(found: Floats) -> Floats:
        return np.min([np.linalg.norm((found - mean) @ root, axis=1) for mean in means], axis=0)

    return distances


def see(model: EdgeModel, images: list[Image.Image]) -> Seen:
    """Images as the model sees them."""
    implausible = [why_no_cell(image, model.cell) is not None for image in images]
    pixels = np.stack([resize(image, model.image_size) for image in images])
    return Seen(model.predict(pixels)[1], np.array(implausible))


def _normed(embeddings: Floats) -> Floats:
    return embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)


def _worst_patient(
    seen: Seen, side: Side, ways: Mapping[str, Distances], limits: Mapping[str, float]
) -> list[float]:
    patients = [side.patients == patient for patient in np.unique(side.patients)]
    shares = [
        _shares(Seen(seen.embeddings[own], seen.implausible[own]), ways, limits) for own in patients
    ]
    return np.max(shares, axis=0).tolist()


def _no_cells(run: Path, test: Side, images: int) -> Iterator[tuple[str, list[Image.Image]]]:
    rng = np.random.default_rng(1)
    for name, make in ALONE.items():
        yield name, [make(rng) for _ in range(images)]
    paths, patients = test.table["path"].to_numpy(str), np.unique(test.patients)
    with RawCells(run / "outputs/ingest/raw") as raw:
        for name, make_of in OF_CELLS.items():
            made = []
            for patient in rng.choice(patients, images):
                own = rng.choice(paths[test.patients == patient], TOGETHER)
                made.append(make_of(rng, [decode(raw.read(path)).image for path in own]))
            yield name, made


def _row(name: str, seen: Seen, ways: Mapping[str, Distances], limits: Mapping[str, float]) -> str:
    return _line(name, _shares(seen, ways, limits))


def _line(name: str, shares: list[float]) -> str:
    return f"| {name} | {' | '.join(f'{share:.1%}' for share in shares)} |"


def _shares(seen: Seen, ways: Mapping[str, Distances], limits: Mapping[str, float]) -> list[float]:
    """Share refused by size and content alone, and by each distance beside them."""
    far = [distances(seen.embeddings) > limits[way] for way, distances in ways.items()]
    return [float((seen.implausible | more).mean()) for more in (seen.implausible, *far)]


if __name__ == "__main__":
    main()
