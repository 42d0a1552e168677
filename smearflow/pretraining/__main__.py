"""Make the embedded backbone: `python -m smearflow.pretraining [--module <folder>]`."""

import argparse
import time
from pathlib import Path

from smearflow.model.hub import module_hash
from smearflow.pretraining.export import fold_batch_norms, write_module
from smearflow.pretraining.material import render_material
from smearflow.pretraining.recipe import EMBEDDED, RECIPE, Recipe
from smearflow.pretraining.train import pretrain


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m smearflow.pretraining", description=__doc__)
    parser.add_argument("--module", type=Path, default=EMBEDDED, help="where to write it")
    make_backbone(RECIPE, parser.parse_args(arguments).module)


def make_backbone(recipe: Recipe, folder: Path) -> None:
    """Render cells, train a network on them, write it as a module; prints how it goes.

    Args:
        folder: made if it is missing; a module in it is replaced.
    """
    started = time.perf_counter()
    material = render_material(recipe)
    print(f"{len(material.pixels)} cells, {time.perf_counter() - started:.0f} s", flush=True)
    network = pretrain(recipe, material, lambda line: print(line, flush=True))
    fold_batch_norms(network)
    write_module(network, folder)
    seconds = time.perf_counter() - started
    print(f"{folder}: {module_hash(folder)}, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
