"""A report, or what is typed of one, held against what was sent before it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import alert_rules, magic
from portal.domain.access import Actor
from portal.domain.alert_rules import Flag, Severity
from portal.domain.diary import diary_window
from portal.domain.eligibility import age_on
from portal.domain.errors import NotFound
from portal.domain.infusions import study_day
from portal.domain.questionnaire import Answers, read_partly
from portal.domain.reports import Report, answer_decimal, chosen_codes, has_rash
from portal.domain.weights import is_far_off
from portal.models.people import Participant
from portal.services import infusions, triage
from portal.services.diary import facts, history
from portal.services.diary.forms import form_by_name, newest_names

LOCKED: Final = select(Participant).where(Participant.id == bindparam("id")).with_for_update(key_share=True)
COMBINED: Final = frozenset({"two-ambers"})


class JudgedDraft(NamedTuple):
    """The red flags of what is typed so far, and by rule the page that holds its answer (None: several)."""

    reds: tuple[Flag, ...]
    pages: Mapping[str, str | None]


def lock_participant(session: Session, actor: Actor) -> Participant:
    """The participant, whose reports are stored one after the other: two taps meet here and not at the unique key."""
    participant = session.execute(LOCKED, {"id": actor.participant_id}).scalar_one_or_none()
    if participant is None:
        raise NotFound
    return participant


def evaluate(
    session: Session,
    participant: Participant,
    current: Report,
    before: Sequence[Report],
    now: datetime,
    *,
    infusion_given: bool = True,
    assessment_signed: bool = True,
    records: Sequence[facts.FactRecord] | None = None,
) -> tuple[alert_rules.Evaluation, magic.MagicEstimate]:
    """The flags and the stages of a report. ``before``: the reports that it is held against, oldest first.

    ``infusion_given`` and ``assessment_signed`` are False where it is known that there is none. ``records``: what the
    record holds beside the reports; None leaves it to be read.
    """
    thresholds = protocols.load_protocol().thresholds
    age = age_on(date.fromisoformat(participant.born_on), current.on)
    if records is None:
        records = facts.read_records(session, participant.id)
    known = facts.facts_of(records, participant, on=current.on, at=current.entered_at, now=now)
    weight_kg = facts.weight_that_counts(known, participant, [*before, current], current.weight_kg)
    estimate = magic.estimate_stages(
        [*before, current],
        age=age,
        weight_kg=weight_kg,
        thresholds=thresholds,
        weights=known.weights,
        bilirubins=known.bilirubins,
        liver_assessed=known.liver_assessed,
    )
    evaluation = alert_rules.evaluate_report(
        current,
        before,
        infusions_given_at=_recent_infusions(session, participant, current) if infusion_given else (),
        age=age,
        weight_kg=weight_kg,
        thresholds=thresholds,
        facts=known,
        bilirubin_settled="yellow" in chosen_codes(current.answers, "liver-signs")
        and triage.is_liver_settled(session, participant_id=participant.id, now=now),
        rash_assessed=assessment_signed
        and has_rash(current.answers)
        and triage.is_rash_assessed(session, participant_id=participant.id, now=now),
    )
    return evaluation, estimate


def judge_draft(
    session: Session, participant: Participant, *, raws: Sequence[Mapping[str, Any]], diary_on: date, now: datetime
) -> JudgedDraft:
    """The reds of every answer that can be read, as a report that were sent now. ``raws``: what is typed, by linkId;
    of several, what any of them says.
    """
    form = form_by_name(newest_names())
    before = history.list_recent_reports(session, participant_id=participant.id, until_on=diary_on)
    known = history.find_last_weight(session, participant)
    records = facts.read_records(session, participant.id)
    page_of = {item.link_id: page.name for page in form.pages for item in page.items}
    reds: dict[tuple[str, str, str], Flag] = {}
    pages: dict[str, str | None] = {}
    for raw in raws:
        answers, _ = read_partly(form, raw)
        current = Report(
            on=diary_on,
            entered_at=now,
            answers=answers,
            weight_kg=_usable_weight(answers, known),
            study_day=study_day(diary_on, participant.transplant_on),
        )
        evaluation, _ = evaluate(session, participant, current, before, now, records=records)
        for flag in evaluation.flags:
            if flag.severity is Severity.RED:
                reds.setdefault((flag.rule_id, flag.organ, str(flag.evidence)), flag)
                pages.setdefault(flag.rule_id, _page(flag, answers, page_of))
    return JudgedDraft(tuple(reds.values()), pages)


def _usable_weight(answers: Answers, known: Decimal | None) -> Decimal | None:
    """One that is far off the last is not used until staff have confirmed it."""
    weighed = answer_decimal(answers, "weight")
    return known if weighed is None or (known is not None and is_far_off(weighed, known)) else weighed


def _page(flag: Flag, answers: Answers, page_of: Mapping[str, str]) -> str | None:
    if flag.rule_id in COMBINED:
        return None
    return next((page_of[link] for link in flag.link_ids if link in answers and link in page_of), None)


def _recent_infusions(session: Session, participant: Participant, current: Report) -> Sequence[datetime]:
    """Those whose hours reach the report, or the end of its day when it came in later."""
    plan = protocols.load_protocol()
    day_ends_at = diary_window(current.on, plan.diary, participant.timezone).closes_at
    since = min(current.entered_at, day_ends_at) - timedelta(hours=plan.thresholds.after_infusion_hours)
    return infusions.list_given_times(session, participant_id=participant.id, since=since)
