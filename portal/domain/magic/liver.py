"""The liver: its stage from bilirubin results, and whether a jaundice that was reported is settled by them.

A diary knows nothing of the liver; a result or a clinician does. A result of stage 1 or more stands until a newer one
or an assessment; a normal one lapses. What confirms a sign never settles it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from portal.domain.magic.organs import NOT_ASSESSED, OrganEstimate
from portal.domain.magic.stages import UMOL_PER_MG, BilirubinUnit, liver_near_boundary, liver_stage
from portal.domain.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class BilirubinResult:
    """One result. ``on``: the local day of the sample; ``sampled_at``: UTC. ``value`` is in ``unit``."""

    on: date
    sampled_at: datetime
    value: Decimal
    unit: BilirubinUnit = BilirubinUnit.MG_DL

    @property
    def stage(self) -> int:
        return liver_stage(self.value, self.unit)

    @property
    def near_boundary(self) -> bool:
        return liver_near_boundary(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class LiverAssessment:
    """When a clinician has last assessed the liver, or closed its episode. ``on`` is the local day."""

    on: date
    at: datetime


def newest_bilirubin(results: Iterable[BilirubinResult], *, until: date) -> BilirubinResult | None:
    """The last one sampled up to that day."""
    return max((one for one in results if one.on <= until), key=lambda one: one.sampled_at, default=None)


def liver_estimate(
    results: Iterable[BilirubinResult], *, on: date, normal_days: int, assessed: LiverAssessment | None = None
) -> tuple[OrganEstimate, BilirubinResult | None]:
    """The estimate on a day and the result that it rests on; not assessed without one. ``value`` is in its unit."""
    newest = newest_bilirubin(results, until=on)
    if newest is None or (newest.stage == 0 and (on - newest.on).days > normal_days):
        return NOT_ASSESSED, None
    if newest.stage >= 1 and assessed is not None and newest.sampled_at < assessed.at and assessed.on <= on:
        return NOT_ASSESSED, None
    estimate = OrganEstimate(newest.stage, 1, 1, value=newest.value, near_boundary=newest.near_boundary)
    return estimate, newest


def is_jaundice_settled(
    sign_days: Sequence[tuple[date, bool]],
    results: Sequence[BilirubinResult],
    assessed: LiverAssessment | None,
    *,
    on: date,
    at: datetime,
    thresholds: Thresholds,
) -> bool:
    """Whether the yellow eyes of the day ``on`` are settled at the instant ``at``.

    ``sign_days``: the known days up to ``on`` and whether the sign was there. Settled by a bilirubin below the limit
    that was sampled on or after the first day of the sign and after which none was at the limit or above, or by a
    clinician. It begins anew after some known days without the sign, and some days after it was settled.
    """
    began = _began_on(sign_days, thresholds.jaundice_free_days) or on
    known = [one for one in results if began <= one.on <= on and one.sampled_at <= at]
    settled = [(assessed.at, assessed.on)] if assessed and began <= assessed.on and assessed.at <= at else []
    raised = [one.sampled_at for one in known if not _is_below(one, thresholds.jaundice_settles_below_mg_dl)]
    settled += [(one.sampled_at, one.on) for one in known if _is_below(one, thresholds.jaundice_settles_below_mg_dl)]
    last = max(settled, default=None)
    if last is None or any(sampled_at >= last[0] for sampled_at in raised):
        return False
    return on - last[1] < timedelta(days=thresholds.jaundice_settled_days)


def _began_on(sign_days: Sequence[tuple[date, bool]], free_days: int) -> date | None:
    """The first day of the sign since it was last away for so many known days; None when it was never there."""
    began, free = None, 0
    for on, present in sorted(sign_days, reverse=True):
        free = 0 if present else free + 1
        if began is not None and free >= max(free_days, 1):
            break
        began = on if present else began
    return began


def _is_below(result: BilirubinResult, limit_mg_dl: Decimal) -> bool:
    """Exact in both units: the limit is multiplied, never the result divided."""
    limit = limit_mg_dl * (UMOL_PER_MG if result.unit is BilirubinUnit.UMOL_L else 1)
    return result.value < limit
