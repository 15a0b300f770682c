"""Estimates the stage of an organ from diaries: skin of the day, upper GI by persistence, lower GI by the 3-day rule.

Source: MAGIC guidance, Blood 2015;126:3154. A missed day is unknown and stays so: "2 of 3 days".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from portal.domain.magic.stages import (
    lower_gi_near_boundary,
    lower_gi_stage,
    skin_near_boundary,
    skin_stage,
    upper_gi_stage,
)
from portal.domain.magic.symptom_persistence import is_upper_gi_persistent
from portal.domain.protocol import Thresholds
from portal.domain.reports import Answers, Report, answer_number, has_rash, rash_percent, spell_days, worst_by_day
from portal.domain.scales import (
    StoolCounting,
    StoolScale,
    StoolVolume,
    possible_scales,
    protocol_counting,
    stool_of,
    stool_volume,
)
from portal.domain.weights import WeightMeasurement


@dataclass(frozen=True, slots=True)
class OrganEstimate:
    """``stage`` 0-3 (liver 0-4), None when not assessed. It rests on ``days_known`` of the last ``days_wanted`` days.

    ``value``: per cent of the body for skin; for lower GI mL a day or, on the child scale, mL/kg a day; for the liver
    the bilirubin as it was reported.
    """

    stage: int | None
    days_known: int
    days_wanted: int
    value: Decimal | None = None
    near_boundary: bool = False
    possible_stage_4: bool = False


NOT_ASSESSED = OrganEstimate(None, 0, 1)


def skin_stage_4_possible(answers: Answers, *, age: int, thresholds: Thresholds) -> bool:
    """Erythroderma with blisters and peeling, as far as a patient can say; a clinician has to confirm."""
    extent = rash_percent(answers, age=age) or Decimal(0)
    damage = (answers.get("skin-blisters"), answers.get("skin-peeling"))
    return extent > thresholds.rash_red_above_percent and damage == (True, True)


def lower_gi_stage_4_possible(answers: Answers, *, thresholds: Thresholds) -> bool:
    """Obvious blood in the stool or severe abdominal pain; a clinician has to confirm."""
    if answers.get("bowel-trouble") is False:
        return False
    pain = answer_number(answers, "abdominal-pain") or 0
    return answers.get("stool-blood") == "obvious" or pain >= thresholds.pain_red_score


def _of_newest_day(reports: Sequence[Report]) -> list[Report]:
    newest = max((report.on for report in reports), default=None)
    return [report for report in reports if report.on == newest]


def skin_estimate(reports: Sequence[Report], *, age: int, thresholds: Thresholds) -> OrganEstimate:
    answers = [report.answers for report in _of_newest_day(reports) if "skin-change" in report.answers]
    if not answers:
        return NOT_ASSESSED
    extents = [extent for each in answers if (extent := rash_percent(each, age=age)) is not None]
    rash, extent = any(map(has_rash, answers)), max(extents, default=None)
    stage = min(3, max(skin_stage(extent or Decimal(0)), int(rash)))
    return OrganEstimate(
        stage=stage,
        days_known=1,
        days_wanted=1,
        value=extent if extent or not rash else None,
        near_boundary=extent is not None and skin_near_boundary(extent),
        possible_stage_4=any(skin_stage_4_possible(each, age=age, thresholds=thresholds) for each in answers),
    )


def upper_gi_estimate(
    reports: Sequence[Report], thresholds: Thresholds, weights: Sequence[WeightMeasurement] = ()
) -> OrganEstimate:
    wanted = thresholds.upper_gi_days
    known = _window([report.on for report in reports if "stomach-trouble" in report.answers], reports, wanted)
    if not any("stomach-trouble" in report.answers for report in _of_newest_day(reports)):
        return OrganEstimate(None, len(known), wanted)
    persistent = is_upper_gi_persistent(reports, thresholds, weights)
    return OrganEstimate(upper_gi_stage(persistent=persistent), len(known), wanted)


def _window(days: Sequence[date], reports: Sequence[Report], length: int) -> list[date]:
    """Those of ``days`` that are among the last ``length`` days, counted back from the newest report."""
    newest = max((report.on for report in reports), default=date.min)
    return [on for on in sorted(set(days)) if newest - on < timedelta(days=length)]


def lower_gi_estimate(
    reports: Sequence[Report], *, age: int, weight_kg: Decimal | None, thresholds: Thresholds
) -> tuple[StoolScale, OrganEstimate]:
    """The scale with the worse stage, and the estimate on it."""
    rules, length = protocol_counting(thresholds), thresholds.stool_mean_days
    possible = possible_scales(age, weight_kg, rules)
    by_scale = {scale: _amounts(reports, scale, weight_kg, rules) for scale in possible}
    known = _window(list(by_scale[possible[0]]), reports, length)
    if not known:
        return possible[0], OrganEstimate(None, 0, length)
    worst = max((_of_last_days(by_scale[scale], scale, known, thresholds) for scale in possible), key=lower_gi_stage)
    newest = [report.answers for report in _of_newest_day(reports)]
    return worst.scale, OrganEstimate(
        stage=lower_gi_stage(worst),
        days_known=len(known),
        days_wanted=length,
        value=worst.amount,
        near_boundary=lower_gi_near_boundary(worst),
        possible_stage_4=any(lower_gi_stage_4_possible(answers, thresholds=thresholds) for answers in newest),
    )


def _amounts(
    reports: Sequence[Report], scale: StoolScale, weight_kg: Decimal | None, rules: StoolCounting
) -> dict[date, Decimal]:
    def amount(answers: Answers) -> Decimal | None:
        stool = stool_of(answers)
        return None if stool is None else stool_volume(stool, scale, weight_kg, rules).amount

    return worst_by_day(reports, amount)


def _of_last_days(
    amounts: Mapping[date, Decimal], scale: StoolScale, known: Sequence[date], thresholds: Thresholds
) -> StoolVolume:
    """At onset (the first days at stage 1 or more) the highest of the known days; afterwards their mean."""
    present = {on: lower_gi_stage(StoolVolume(scale, amount)) >= 1 for on, amount in amounts.items()}
    since_onset = spell_days(present, thresholds.stool_onset_clear_days)
    last = [amounts[on] for on in known]
    if 0 < len(since_onset) <= thresholds.stool_mean_days:
        return StoolVolume(scale, max(last))
    return StoolVolume(scale, sum(last, Decimal(0)) / len(last))
