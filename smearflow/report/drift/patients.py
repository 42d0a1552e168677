"""What is said of the patients of a window, each by itself."""

from smearflow.monitoring.over_time import OverTime
from smearflow.monitoring.patients import LEAST_PATIENTS
from smearflow.records.verdict import EstimatedAccuracy, Evidence, JudgedPatient, JudgedPatients
from smearflow.report.drift.quantities import quantity

MOST_TOLD = 5  # patients; the page's table has all, each with its evidence


def patient_notes(judged: JudgedPatients | None) -> list[str]:
    """Who is unlike what the model judges well and by what; the accuracy told without labels."""
    if judged is None:
        return []
    if not judged.enough:
        return [_too_few(judged)]
    if not judged.patients:
        return []
    return [*([_flagged(judged)] if judged.flagged else []), estimated(judged)]


def name_of(patient: JudgedPatient) -> str:
    """What a patient is called."""
    return f"patient {patient.patient}" if patient.patient else "the cells that name no patient"


def evidence_text(found: Evidence) -> str:
    """One quantity of a patient beside the usual ones."""
    if found.patient is None or found.usual is None:
        return f"{quantity(found.name)} {found.deviations:.1f} deviations from usual"
    return (
        f"{quantity(found.name)} {found.patient:.3g}, usually {found.usual:.3g} "
        f"({found.deviations:+.1f} deviations)"
    )


def estimated(judged: JudgedPatients) -> str:
    """Accuracy without labels, or why there is none."""
    accuracy = judged.accuracy
    if accuracy is None:
        return (
            "accuracy can't be estimated here: the cells of most patients are unlike any on which "
            "the estimate was calibrated, or too few patients calibrate it"
        )
    left_out = f"; not valid for {accuracy.invalid} more" if accuracy.invalid else ""
    return (
        f"accuracy is estimated without labels at {accuracy.value:.1%} ({accuracy.low:.1%} to "
        f"{accuracy.high:.1%}, {accuracy.patients} patients{left_out}), {accuracy.expected:.1%} in "
        "the baseline"
    )


def harm(accuracy: EstimatedAccuracy | None) -> list[str]:
    """The alert where a window surely costs accuracy."""
    if accuracy is None or not accuracy.harmful:
        return []
    return [
        f"the model is less often right here: at most {accuracy.high:.1%} of the cells, "
        f"{accuracy.expected:.1%} in the baseline (estimated without labels)"
    ]


def over_time_text(outlook: OverTime) -> str:
    """The evidence of a change, and what it means."""
    means = "patients have changed" if outlook.alarm else "no change shown"
    return (
        f"over time, {outlook.patients} patients: evidence of change {outlook.evidence:.3g}, alarm "
        f"at {outlook.limit:.0f}: {means}"
    )


def _too_few(judged: JudgedPatients) -> str:
    return (
        f"no patient is judged and no accuracy estimated: the images are like those of "
        f"{judged.site}, of which the baseline has {judged.usual} patients with labels enough, and "
        f"{LEAST_PATIENTS} are needed"
    )


def _flagged(judged: JudgedPatients) -> str:
    """All who are flagged, in a sentence, with the first one's evidence."""
    first, *others = judged.flagged
    named = ", ".join(name_of(each) for each in judged.flagged[:MOST_TOLD])
    more = len(judged.flagged) - MOST_TOLD
    why = "; ".join(evidence_text(each) for each in first.evidence[:2])
    return (
        f"look at {named}{f' and {more} more' if more > 0 else ''}: unlike those of the baseline "
        f"whose cells the model judges well ({judged.usual} patients; at most {judged.rate:.0%} of "
        f"such patients are named all the same, with {judged.confidence:.0%} confidence); "
        f"{'the first one: ' if others else ''}{why}"
    )
