"""At which learning rates runs trained, and at which they failed."""

from collections.abc import Iterable, Mapping, Sequence

from smearflow.analysis.credit import trained
from smearflow.analysis.reach import HALF_DECADE, Bounds
from smearflow.model.curves import diagnose
from smearflow.params.model import Value
from smearflow.records.exploration import RunRecord

STABILITY = ("optimizer", "trainable", "gradient_clip")  # decide at which rates training diverges


def rate_limit(runs: Iterable[RunRecord], kinds: Mapping[str, Sequence[Value]]) -> Bounds | None:
    """Up to which learning rate runs of some kinds trained, and from where on they failed.

    A run failed if it diverged, or if it exploded and then did no better than guessing.

    Args:
        kinds: values of fields; a run that has others says nothing.

    Returns:
        The highest rate that trained below the lowest one that failed (half a decade below that,
        if none did), and the latter; None if none failed.
    """
    alike = [
        run
        for run in runs
        if all(getattr(run.configuration, name) in values for name, values in kinds.items())
    ]
    failed = [run.configuration.learning_rate for run in alike if _failed(run)]
    if not failed:
        return None
    lowest = min(failed)
    rates = [run.configuration.learning_rate for run in alike if trained(run)]
    return max((rate for rate in rates if rate < lowest), default=lowest / HALF_DECADE), lowest


def _failed(run: RunRecord) -> bool:
    if run.status == "diverged":
        return True
    label = diagnose(run.curve, run.guessing.train)
    return not trained(run) and label in ("diverged", "exploding")
