"""Whether exploration finds what was planted: fake runs of the sample profile's plan.

    python -m benchmarks.planted

A table: in how many explorations, each with other noise, the answers are right. The surfaces are
those of tests/analysis/planted.py, whose test holds the counts to their limits.
"""

import argparse

from benchmarks.tables import markdown
from tests.analysis.planted import CRITERIA, NOISE, SEEDS, TRUTHS, counts, planned


def main(arguments: list[str] | None = None) -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.planted", description=__doc__)
    parser.add_argument("--first", type=int, default=SEEDS.start, help="seed of the noise")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="explorations per surface")
    options = parser.parse_args(arguments)
    seeds = range(options.first, options.first + options.seeds)
    found = {truth.name: counts(truth, seeds) for truth in TRUTHS}
    print(table(found, options.seeds))
    runs = len(planned()[1])
    print(f"\n{runs} runs each; noise of a run: {NOISE:.0%} of the second largest effect.")


def table(found: dict[str, list[int]], explorations: int) -> str:
    """Markdown: a row per criterion, a column per surface."""
    rows = []
    for number, criterion in enumerate(CRITERIA):
        wanted = f"at least {criterion.least}" if criterion.least else f"at most {criterion.most}"
        rows.append((criterion.name, wanted, *(each[number] for each in found.values())))
    return markdown((f"of {explorations} explorations", "wanted of 20", *found), rows)


if __name__ == "__main__":
    main()
