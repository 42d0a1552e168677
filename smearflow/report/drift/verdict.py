"""What a verdict says, in sentences: the same on a terminal, in Prefect's UI and on a page."""

from smearflow.records.verdict import DriftScore, Verdict, WindowFacts
from smearflow.report.drift.patients import harm, patient_notes
from smearflow.report.drift.quantities import quantity

_ONE = "taken for 1 patient, judged by the widest limits"


def notes(verdict: Verdict) -> list[str]:
    """What a verdict rests on, in sentences that alarm nobody."""
    told = [_patients(verdict.window)] if verdict.window.cells else []
    if verdict.site is not None:
        told.append(f"images are most like those of {verdict.site}, with which they are compared")
    untold = [quantity(score.name) for score in verdict.scores if score.share is None]
    if untold and verdict.judged:
        told.append(f"not judged, as too few cells tell: {', '.join(untold)}")
    return [*told, *patient_notes(verdict.patients)]


def alerts(verdict: Verdict) -> list[str]:
    """What is wrong with a window, or why it is not judged, in sentences; the files' first."""
    checks = verdict.checks.expectations if verdict.checks else ()
    failures = [
        f"a critical check fails: {found}"
        for found in checks
        if found.severity == "critical" and not found.success
    ]
    few = [_few(verdict)] if verdict.verdict == "too few cells" else []
    nothing = "the baseline has no limits: its patients have too few cells to make windows of"
    unjudged = [nothing] if verdict.scores and not verdict.judged else []
    harmful = harm(verdict.patients.accuracy if verdict.patients else None)
    return [
        *_left_out(verdict.window),
        *few,
        *failures,
        *_moved(verdict),
        *harmful,
        *unjudged,
    ]


def _patients(window: WindowFacts) -> str:
    """How many patients the cells are taken for, and why."""
    names, patients = window.names, window.patients
    if not names.patients:
        return f"names tell no patient: {_ONE}"
    if patients < names.patients:  # they number the cells
        return (
            f"names tell {names.patients} patients of {names.cells} cells, where one of the "
            f"baseline has {names.usual:.0f}: they tell no patient: {_ONE}"
        )
    more = f"; {names.unnamed} cells whose names tell none count as one" if names.unnamed else ""
    return f"taken for {patients} {'patient' if patients == 1 else 'patients'}{more}"


def _left_out(window: WindowFacts) -> list[str]:
    """Images that are not compared."""
    told = []
    if window.no_cells:
        kinds = ", ".join(f"{each.images:,} {each.kind}" for each in window.no_cell_kinds)
        told.append(f"{window.no_cells:,} of {window.cells:,} images can't be one cell ({kinds})")
    if window.repeats:
        told.append(
            f"{window.repeats:,} of {window.cells:,} images show the same as an earlier one"
        )
    return told


def _few(verdict: Verdict) -> str:
    window = verdict.window
    what = "can be decoded" if window.compared == window.cells else "can be compared"
    return f"{window.compared} cells {what}, at least {verdict.least_cells} are needed"


def _moved(verdict: Verdict) -> list[str]:
    """A sentence per drifted score, and one on the images where only what the model says moved."""
    positive = verdict.classes[1]
    told = [_sentence(score, positive) for score in verdict.scores if score.drifted]
    statistics = [score for score in verdict.judged if score.group == "image statistics"]
    if told and statistics and not any(score.drifted for score in statistics):
        nearest = _sentence(max(statistics, key=lambda score: score.share or 0.0), positive)
        told.append(f"no image statistic is beyond its limit; nearest to it: {nearest}")
    return told


def _sentence(score: DriftScore, positive: str) -> str:
    """What a judged score means."""
    if score.window is None or score.baseline is None:  # an embedding has no direction
        return (
            "the model sees other cells than in the baseline: maximum mean discrepancy of the "
            f"embedding {score.score:.3g}, limit {score.limit:.3g}"
        )
    if score.method == "jensenshannon":
        return (
            f"{'more' if score.window > score.baseline else 'fewer'} cells are called {positive}: "
            f"{score.window:.0%}, {score.baseline:.0%} in the baseline (Jensen-Shannon distance "
            f"{score.score:.2f}, limit {score.limit:.2f})"
        )
    return (
        f"{quantity(score.name)} is {_direction(score, score.window, score.baseline)}: "
        f"{score.window:.3g} on average, {score.baseline:.3g} in the baseline (Wasserstein "
        f"distance {score.score:.2f} standard deviations, limit {score.limit:.2f})"
    )


def _direction(score: DriftScore, now: float, usual: float) -> str:
    # the distance is never below the difference of the means; far above it, the shape changed
    if abs(now - usual) < (score.score or 0.0) * (score.deviation or 0.0) / 2:
        return "distributed differently"
    return "higher" if now > usual else "lower"
