"""The provisional, patient-reported estimate from diaries: skin, upper and lower GI, never stage 4.

The liver is not assessed until there is a bilirubin result, so that mostly there is no grade, only "at least". A
clinician's signed assessment alone is *the* stage and grade.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.domain.magic.liver import BilirubinResult, LiverAssessment, liver_estimate
from portal.domain.magic.organs import OrganEstimate, lower_gi_estimate, skin_estimate, upper_gi_estimate
from portal.domain.magic.stages import Grade, at_least
from portal.domain.reports import Report
from portal.domain.scales import StoolScale, possible_scales, protocol_counting
from portal.domain.thresholds import Thresholds
from portal.domain.weights import WeightMeasurement, newest_weight


@dataclass(frozen=True, slots=True)
class MagicEstimate:
    """The provisional estimate on the day of the newest report.

    ``scale_assumed``: a minor's weight is unknown, both scales were computed and ``scale`` was the worse.
    ``clinician_review``: late or chronic, so that no acute grade is shown and ``at_least`` is None.
    ``liver_result``: the bilirubin that the liver's stage rests on, None where that is not assessed.
    ``days_known`` of ``days_wanted``: the lower GI estimate's days, for "2 of 3 days".
    """

    skin: OrganEstimate
    upper_gi: OrganEstimate
    lower_gi: OrganEstimate
    liver: OrganEstimate
    scale: StoolScale
    scale_assumed: bool
    at_least: Grade | None
    clinician_review: bool
    days_known: int
    days_wanted: int
    near_boundary: tuple[str, ...]
    possible_stage_4: tuple[str, ...]
    liver_result: BilirubinResult | None = None


def estimate_stages(
    reports: Sequence[Report],
    *,
    age: int,
    weight_kg: Decimal | None,
    thresholds: Thresholds,
    chronic_features: bool = False,
    weights: Sequence[WeightMeasurement] = (),
    bilirubins: Sequence[BilirubinResult] = (),
    liver_assessed: LiverAssessment | None = None,
    on: date | None = None,
) -> MagicEstimate:
    """Estimate from all reports sent so far; the worst report of a day represents the day.

    ``weight_kg`` None falls back to the newest weight by time, of the reports and of ``weights``, those that were
    measured elsewhere. ``bilirubins`` are the liver's stage, as of the day ``on`` (None: that of the newest report).
    Without reports and results every organ is not assessed.
    """
    weight = weight_kg if weight_kg is not None else newest_weight(reports, weights)
    skin = skin_estimate(reports, age=age, thresholds=thresholds)
    upper_gi = upper_gi_estimate(reports, thresholds, weights)
    scale, lower_gi = lower_gi_estimate(reports, age=age, weight_kg=weight, thresholds=thresholds)
    day = on or max((report.on for report in reports), default=date.max)
    liver, result = liver_estimate(
        bilirubins, on=day, normal_days=thresholds.bilirubin_normal_days, assessed=liver_assessed
    )
    review = chronic_features or any(report.study_day > thresholds.acute_last_study_day for report in reports)
    organs = {"skin": skin, "liver": liver, "upper_gi": upper_gi, "lower_gi": lower_gi}
    known = at_least(**{name: organ.stage for name, organ in organs.items()})
    return MagicEstimate(
        **organs,
        liver_result=result,
        scale=scale,
        scale_assumed=len(possible_scales(age, weight, protocol_counting(thresholds))) > 1,
        at_least=None if review or _nothing_known(organs) else known,
        clinician_review=review,
        days_known=lower_gi.days_known,
        days_wanted=lower_gi.days_wanted,
        near_boundary=tuple(name for name, organ in organs.items() if organ.near_boundary),
        possible_stage_4=tuple(name for name, organ in organs.items() if organ.possible_stage_4),
    )


def _nothing_known(organs: Mapping[str, OrganEstimate]) -> bool:
    return all(organ.stage is None for organ in organs.values())
