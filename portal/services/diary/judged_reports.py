"""A stored report with what judging it came to: its flags, its stages, its estimate and severity."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy.orm import Session

from portal.domain import alert_rules, magic
from portal.domain.reports import Report
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.services.diary import facts, history, judging
from portal.services.diary.facts import FactRecord

ORGANS: Final = ("skin", "upper_gi", "lower_gi", "liver")


def judge_report(
    session: Session,
    participant: Participant,
    diary: Diary,
    before: Sequence[Report],
    now: datetime,
    *,
    infusion_given: bool = True,
    assessment_signed: bool = True,
    records: Sequence[FactRecord] | None = None,
) -> tuple[Sequence[alert_rules.Flag], dict[str, int | None]]:
    """The flags of a report that are for the ward to look at, and its stages by organ; its estimate and severity (that
    which the participant is shown) are set.

    ``before``: the reports that it is held against, oldest first. ``infusion_given`` and ``assessment_signed`` are
    False where it is known that there is none: then none is looked for. ``records`` as in ``judging.evaluate``.
    """
    records = facts.read_records(session, participant.id) if records is None else records
    current = history.to_report(diary)
    known = facts.facts_of(records, participant, on=current.on, at=current.entered_at, now=now)
    diary.weight_kg = facts.weight_that_counts(known, participant, [*before, current], diary.weight_kg)
    evaluation, estimate = judging.evaluate(
        session,
        participant,
        history.to_report(diary),
        before,
        now,
        infusion_given=infusion_given,
        assessment_signed=assessment_signed,
        records=records,
    )
    diary.estimate = _estimate_json(estimate)
    diary.severity = evaluation.severity
    diary.damped = evaluation.flagged is None and evaluation.severity is not None
    return evaluation.news, {organ: getattr(estimate, organ).stage for organ in ORGANS}


def _estimate_json(estimate: magic.MagicEstimate) -> dict[str, Any]:
    """JSON's own types only; decimals as text."""
    return {
        **{name: _plain(getattr(estimate, name)) for name in ORGANS},
        "scale": str(estimate.scale),
        "scale_assumed": estimate.scale_assumed,
        "at_least": str(estimate.at_least) if estimate.at_least is not None else None,
        "clinician_review": estimate.clinician_review,
        "possible_stage_4": list(estimate.possible_stage_4),
        "near_boundary": list(estimate.near_boundary),
        **({"liver_sampled_on": estimate.liver_result.on.isoformat()} if estimate.liver_result else {}),
    }


def _plain(organ: magic.OrganEstimate) -> dict[str, Any]:
    values = ((field.name, getattr(organ, field.name)) for field in fields(organ))
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}
