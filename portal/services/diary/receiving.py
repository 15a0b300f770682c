"""Reports queued on a phone without a network: each is received separately, once, with its own time of entry."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.diary import WindowVerdict, plausible_entry_time, sync_verdict
from portal.domain.eligibility import age_on
from portal.domain.errors import Invalid
from portal.domain.questionnaire import RawAnswer, read_answers
from portal.services import infusions
from portal.services.diary import history, saving
from portal.services.diary.forms import INFUSION_SIGNS, compose_form
from portal.services.diary.submitting import Submission, SubmissionReceipt, submit_diary
from portal.services.scope import find_own_participant


@dataclass(frozen=True, slots=True)
class QueuedDiary:
    """What the phone sends. ``raw`` is what was typed, by linkId; ``last_contact_at`` is the server time that the phone
    last received before it was typed, None when unknown.
    """

    client_id: str
    diary_on: date
    raw: dict[str, RawAnswer]
    claimed_at: datetime
    offset_minutes: int
    language: str
    last_contact_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncResult:
    """``diary_id`` and ``severity`` of what is stored now; ``reason`` is an English msgid where nothing was stored."""

    verdict: WindowVerdict
    diary_id: int | None = None
    severity: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a phone needs to ask and to judge without a network. ``infusion_check_until_at``: UTC, None without one."""

    age: int
    weight_kg: float | None
    infusion_check_until_at: datetime | None


def get_device_facts(session: Session, *, actor: Actor, today: date, now: datetime) -> DeviceFacts:
    """Read at each visit, kept encrypted on the phone. The weight decides on the scale of a minor; others keep none."""
    participant = find_own_participant(session, actor)
    hours = timedelta(hours=protocols.load_protocol().infusions.watch_hours)
    given = infusions.list_given_times(session, participant_id=participant.id, since=now - hours)
    age = age_on(date.fromisoformat(participant.born_on), today)
    minor = age < protocols.load_protocol().thresholds.child_age_below
    weight = history.find_last_weight(session, participant) if minor else None
    return DeviceFacts(
        age=age,
        weight_kg=float(weight) if weight is not None else None,
        infusion_check_until_at=max(given) + hours if given else None,
    )


def receive_queued_diary(session: Session, *, actor: Actor, waiting: QueuedDiary, now: datetime) -> SyncResult:
    """Store what waited, or say why not. Answers that need another look become the day's draft: nothing is lost."""
    entered_at = plausible_entry_time(
        waiting.claimed_at, received_at=now, last_contact_at=waiting.last_contact_at or now
    )
    form = compose_form(
        session,
        participant_id=actor.participant_id or 0,
        diary_on=waiting.diary_on,
        at=entered_at,
        infusion_check=INFUSION_SIGNS in waiting.raw,
    )
    answers, problems = read_answers(form, waiting.raw)
    if problems:
        return _keep_for_later(session, actor, waiting, [page.name for page in form.pages], now)
    submission = Submission(
        client_id=waiting.client_id,
        diary_on=waiting.diary_on,
        answers=dict(answers),
        entered_at=entered_at,
        offset_minutes=waiting.offset_minutes,
        language=waiting.language,
        infusion_check=INFUSION_SIGNS in waiting.raw,
    )
    try:
        receipt = submit_diary(session, actor=actor, submission=submission, now=now)
    except Invalid as fault:
        return SyncResult(WindowVerdict.REFUSED, reason=fault.message)
    return _answer(receipt, entered_at)


def _answer(receipt: SubmissionReceipt, entered_at: datetime) -> SyncResult:
    newest = receipt.newest_entry_at
    found = sync_verdict(receipt.timing, again=receipt.again, entered_at=entered_at, newest_entry_at=newest)
    return SyncResult(found, receipt.diary_id, receipt.severity)


def _keep_for_later(
    session: Session, actor: Actor, waiting: QueuedDiary, pages: list[str], now: datetime
) -> SyncResult:
    for page in pages:
        saving.save_draft_page(
            session,
            actor=actor,
            diary_on=waiting.diary_on,
            client_id=waiting.client_id,
            page=page,
            raw=dict[str, Any](waiting.raw),
            now=now,
        )
    return SyncResult(WindowVerdict.UNFINISHED, reason="Some answers need another look.")
