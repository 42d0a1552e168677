"""How often monitoring alerts on batches like the sample's, and on shifted ones.

    python -m benchmarks.drift --run .

Renders batches of further patients and judges each by the edge model and the baseline of a run on
rendered cells.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import get_args

from benchmarks.tables import markdown
from smearflow.ground.errors import SmearflowError
from smearflow.params.whole import load_params
from smearflow.sample.patients import Kind
from smearflow.sample.writing import write_batch
from smearflow.windows.judge import judge_window

PLAIN: Kind = "plain"
SHIFTED: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != PLAIN)


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.drift", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder with params.yaml, outputs/")
    parser.add_argument("--batches", type=int, default=20, help="plain ones, and as many shifted")
    options = parser.parse_args(arguments)
    try:
        verdicts = []
        for number, kind, verdict in judge_batches(options.run, options.batches):
            print(f"batch {number}, {kind}: {verdict}", flush=True)
            verdicts.append((kind, verdict))
        print(alert_table(verdicts), flush=True)
    except (SmearflowError, OSError) as error:
        sys.exit(f"error: {error}")


def judge_batches(run: Path, count: int) -> Iterator[tuple[int, Kind, str]]:
    """Plain and shifted batches in turn, all of different patients; yields number, kind, verdict.

    Args:
        run: folder of a run on rendered cells whose baseline stage has ended.
        count: batches of plain cells, and again of shifted ones, of each kind in turn.

    Raises:
        SmearflowError: the run is not whole.
    """
    params = load_params(run / "params.yaml")
    seed = params.ingest.sources[0].seed
    number = 0
    for shifted in islice(cycle(SHIFTED), count):
        for kind in (PLAIN, shifted):
            number += 1
            with tempfile.TemporaryDirectory() as name:
                work = Path(name)
                for part in ("outputs", "reports"):
                    (work / part).mkdir()
                write_batch(work / "batch", kind, number, seed=seed)
                verdict = judge_window(
                    run / "outputs/export",
                    run / "outputs/baseline",
                    work / "batch",
                    run / "expectations/incoming.json",
                    params.monitor.least_cells,
                    work / "outputs",
                    work / "reports",
                    patterns=[source.patient_pattern for source in params.ingest.sources],
                )
            yield number, kind, verdict.verdict


def alert_table(verdicts: list[tuple[Kind, str]]) -> str:
    """A Markdown table: a row per kind of batch, and one of all shifted ones together."""
    rows = []
    groups = {kind: (kind,) for kind in get_args(Kind)} | {"all shifted": SHIFTED}
    for name, kinds in groups.items():
        found = [verdict for kind, verdict in verdicts if kind in kinds]
        rows.append((name, len(found), len(found) - found.count("stable")))
    return markdown(("batches", "judged", "alerts"), rows)


if __name__ == "__main__":
    main()
