"""Choices that the search should make, and those that it need not."""

from collections.abc import Sequence

from smearflow.analysis.comparison import ranked
from smearflow.experiments.plan import has_range
from smearflow.params.explore import Experiment
from smearflow.params.model import Setting, Value
from smearflow.records.analysis.analysis import Analysis
from smearflow.records.analysis.comparison import Alternative
from smearflow.records.analysis.evidence import Compared
from smearflow.records.analysis.narrowing import Dropped, SearchedChoice
from smearflow.records.analysis.surface import GoodChoice, Verdict


def narrow_choices(
    experiments: Sequence[Experiment], analysis: Analysis, base: Setting
) -> tuple[dict[str, SearchedChoice], dict[str, Dropped]]:
    """Choices that matter, and those that do not, which are held at the value of the base."""
    kept, dropped = {}, {}
    alone = _compared(experiments, analysis)
    for row in analysis.bounds.choices or alone.values():
        values, evidence = row.kept, row.evidence
        own = alone.get(row.name)
        if own is not None and analysis.verdict(row.name).has_effect:
            both = tuple(value for value in values if value in own.kept)
            if both and len(own.kept) < len(row.values):
                values, evidence = both, (*evidence, *own.evidence)
        verdict = analysis.verdict(row.name)
        if is_searched(verdict):
            kept[row.name] = SearchedChoice(values=values, evidence=evidence)
        else:
            dropped[row.name] = Dropped(value=base[row.name], evidence=evidence)
    return kept, dropped


def is_searched(verdict: Verdict) -> bool:
    """Whether a search should look at a parameter: where it matters, or may.

    What pays late stays as configured, unless it helps already; so does what no run can tell.
    """
    return verdict.has_effect or verdict.doubt in ("single_runs", "elsewhere", "contradicted")


def _compared(experiments: Sequence[Experiment], analysis: Analysis) -> dict[str, GoodChoice]:
    """Per choice that an experiment compares by itself: which values are not detectably worse."""
    rows = {each.name: each.rows for each in analysis.comparisons}
    found = {}
    for experiment in experiments:
        names = list(experiment.scientific)
        if len(names) != 1 or has_range(experiment.scientific) or _elsewhere(experiment, analysis):
            continue
        order = ranked(rows[experiment.name])
        if order and not all(map(_is_number, _values(names[0], rows[experiment.name]))):
            found[names[0]] = _as_good(names[0], order, rows[experiment.name])
    return found


def _as_good(name: str, order: Sequence[Alternative], rows: Sequence[Alternative]) -> GoodChoice:
    kept = [row for row in order if not row.is_worse]
    lost = tuple(row.name for row in rows if row not in kept)
    return GoodChoice(
        name=name,
        values=_values(name, rows),
        kept=_values(name, kept),
        evidence=(Compared(worse=lost),),
    )


def _values(name: str, rows: Sequence[Alternative]) -> tuple[Value, ...]:
    return tuple(row.settings[name] for row in rows)


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _elsewhere(experiment: Experiment, analysis: Analysis) -> bool:
    """Whether an experiment holds the learning rate where nobody will search."""
    rate = experiment.fixed.get("learning_rate")
    row = analysis.bounds.of("learning_rate")
    if row is None or not isinstance(rate, int | float):
        return False
    return not row.good[0] <= rate <= row.good[1]
