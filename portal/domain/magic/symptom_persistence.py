"""Upper GI symptoms are persistent after some days in a row (MAGIC guidance, Blood 2015;126:3154)."""

from collections.abc import Sequence
from datetime import date

from portal.domain.reports import Answers, Report, answer_number, run_days, worst_by_day
from portal.domain.thresholds import Thresholds
from portal.domain.weights import WeightMeasurement, list_weights, weight_change


def is_upper_gi_persistent(
    reports: Sequence[Report], thresholds: Thresholds, weights: Sequence[WeightMeasurement] = ()
) -> bool:
    """Nausea, or repeated vomits, on enough consecutive days up to the newest; or anorexia with weight loss.

    ``weights`` are those that are not in the reports.
    """
    nausea = _run(reports, "nausea", at_least=1)
    vomits = _run(reports, "vomiting-count", at_least=thresholds.vomits_per_day)
    anorexia = _run(reports, "appetite-loss", at_least=1)
    if max(len(nausea), len(vomits)) >= thresholds.upper_gi_days:
        return True
    if len(anorexia) < thresholds.anorexia_weight_loss_days:
        return False
    if not thresholds.weight_loss_percent:
        return _any_weight_was_lost(reports, since=anorexia[-1])
    return is_weight_lost(reports, weights, on=anorexia[0], thresholds=thresholds)


def is_weight_lost(
    reports: Sequence[Report], weights: Sequence[WeightMeasurement], *, on: date, thresholds: Thresholds
) -> bool:
    """Whether the newest weight is so much below the highest of the window that it is more than the scale's noise."""
    if not thresholds.weight_loss_percent:
        return False
    change = weight_change(list_weights(reports, weights), on=on, days=thresholds.weight_window_days)
    return change is not None and change.loss_percent >= thresholds.weight_loss_percent


def _run(reports: Sequence[Report], link_id: str, *, at_least: int) -> tuple[date, ...]:
    def present(answers: Answers) -> bool | None:
        value = answer_number(answers, link_id)
        return None if value is None else value >= at_least

    return run_days(worst_by_day(reports, present))


def _any_weight_was_lost(reports: Sequence[Report], *, since: date) -> bool:
    """Whether the newest weight of the run is below the last one before it (or, without one, its first)."""
    weighed = sorted(reports, key=lambda report: (report.on, report.entered_at))
    weights = [(report.on, report.weight_kg) for report in weighed if report.weight_kg is not None]
    before = [weight for on, weight in weights if on < since]
    during = [weight for on, weight in weights if on >= since]
    return bool(during) and during[-1] < (before[-1] if before else during[0])
