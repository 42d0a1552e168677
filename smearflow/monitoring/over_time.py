"""What the verdicts of a model in use say together, where none of them says it alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from smearflow.monitoring.stream import evidence

RATE = 0.05  # chance that patients without a change ever raise the alarm, while the model is in use
JUDGED = ("drift", "stable")  # other windows tell nothing of their patients


@dataclass(frozen=True)
class OverTime:
    """The stream of patients up to now.

    Attributes:
        patients: in the stream, each once.
        evidence: of a change, now; without one it is 1 or less on average.
        limit: from which on it is an alarm.
    """

    patients: int
    evidence: float
    limit: float = 1 / RATE

    @property
    def alarm(self) -> bool:
        """Whether patients have changed."""
        return self.evidence >= self.limit


def follow(
    history: Sequence[Mapping[str, Any]], model_id: str, usual: Mapping[str, Sequence[float]]
) -> OverTime:
    """Fold the verdicts noted so far: a pure function of them.

    Args:
        history: events, oldest first. Of those with `event` "verdict": verdict, model_id,
            window_sha256 and patients, a list of {"patient", "scores"}; earlier versions noted no
            patients.
        model_id: whose verdicts count: scores of another model are not comparable.
        usual: the scores of the baseline's patients, by kind.
    """
    stream = list(_patients(history, model_id))
    if not stream or not usual:
        return OverTime(len(stream), 1.0)
    return OverTime(len(stream), float(evidence(stream, usual)[-1]))


def in_a_row(history: Sequence[Mapping[str, Any]], model_id: str) -> int:
    """How many different windows of a model have drifted up to now, without a stable one between.

    Args:
        history: as of `follow`.
    """
    windows: set[str] = set()
    for event in reversed(history):
        if event["event"] != "verdict" or event.get("model_id") != model_id:
            continue
        if event["verdict"] == "stable":
            break
        if event["verdict"] == "drift":
            windows.add(event["window_sha256"])
    return len(windows)


def _patients(history: Sequence[Mapping[str, Any]], model_id: str) -> Iterator[dict[str, float]]:
    """Scores of each patient at the first sight of them: a second says nothing new."""
    seen: set[str] = set()
    for event in history:
        if event["event"] != "verdict" or event.get("model_id") != model_id:
            continue
        if event["verdict"] not in JUDGED:
            continue
        for each in event.get("patients", ()):
            name = each["patient"] or event["window_sha256"]  # nobody's name: the window's patient
            if name not in seen:
                seen.add(name)
                yield each["scores"]
