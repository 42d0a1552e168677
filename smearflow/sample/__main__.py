"""Contact sheets of rendered or real cells, and incoming batches.

python -m smearflow.sample sheet --out docs/rendered_cells.jpg
python -m smearflow.sample sheet --out real.jpg --folder <folder of the class folders>
python -m smearflow.sample batch --out data/incoming/1 --kind stain --number 1
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from smearflow.cells.files import cell_files
from smearflow.ground.errors import SmearflowError
from smearflow.images.decode import UndecodableError, decode
from smearflow.sample.cell import render_cell
from smearflow.sample.patients import Kind
from smearflow.sample.sheet import contact_sheet
from smearflow.sample.writing import write_batch

HALF = 48  # cells of each class on a sheet
COLUMNS = 12
QUALITY = 88  # of a JPEG
CAPTIONS = ("Uninfected", "Parasitized")


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m smearflow.sample", description=(__doc__ or "").splitlines()[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    sheet = commands.add_parser("sheet", help="a picture of many cells")
    sheet.add_argument("--out", type=Path, required=True, help="JPEG or PNG file")
    sheet.add_argument("--folder", type=Path, help="of the class folders; default: rendered cells")
    batch = commands.add_parser("batch", help="a folder of unlabelled cells of further patients")
    batch.add_argument("--out", type=Path, required=True, help="folder")
    batch.add_argument("--kind", choices=get_args(Kind), default="plain")
    batch.add_argument("--number", type=int, default=1, help="another one has other patients")
    batch.add_argument("--cells", type=int, default=240)
    for command in (sheet, batch):
        command.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    try:
        if options.command == "sheet":
            cells = (
                _real(options.folder, options.seed) if options.folder else _rendered(options.seed)
            )
            contact_sheet(cells, COLUMNS).save(options.out, quality=QUALITY)
        else:
            write_batch(
                options.out, options.kind, options.number, cells=options.cells, seed=options.seed
            )
    except (SmearflowError, UndecodableError, OSError) as error:
        sys.exit(f"error: {error}")


def _rendered(seed: int) -> dict[str, list[np.ndarray]]:
    return {
        f"{caption}, rendered": [
            render_cell(seed, 1 + number, infected, bool(infected)).pixels for number in range(HALF)
        ]
        for infected, caption in enumerate(CAPTIONS)
    }


def _real(folder: Path, seed: int) -> dict[str, list[np.ndarray]]:
    rng = np.random.default_rng(seed)
    halves = {}
    for caption in CAPTIONS:
        files = cell_files(folder / caption)
        chosen = rng.permutation(len(files))[:HALF]
        halves[caption] = [np.asarray(decode(files[each].read_bytes())[0]) for each in chosen]
    return halves


if __name__ == "__main__":
    main()
