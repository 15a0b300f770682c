"""Reports queued on a phone without a network: each is received separately, once, with its own time of entry.

Whatever arrives is judged and kept. A day is believed where the time of entry is, and where there can be a diary of it;
else the report is one of the day on which it arrived.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from portal import protocols, questionnaires
from portal.domain.access import Actor
from portal.domain.diary import (
    WindowVerdict,
    is_entry_time_refuted,
    local_day,
    plausible_entry_time,
    sync_verdict,
    utc_offset_minutes,
)
from portal.domain.eligibility import age_on
from portal.domain.errors import NotFound
from portal.domain.questionnaire import Answers, Questionnaire, read_answers
from portal.models.people import Participant
from portal.services import infusions
from portal.services.diary import drafts, history, keeping
from portal.services.diary.forms import INFUSION_SIGNS, compose_form, form_asked_on, form_name
from portal.services.diary.submitting import Submission, SubmissionReceipt, submit_diary
from portal.services.scope import find_own_participant

EMPTY: Final[tuple[Any, ...]] = ("", None, [], {})
LOOK_AGAIN: Final = "Some answers need another look."


@dataclass(frozen=True, slots=True)
class QueuedDiary:
    """What the phone sends. ``raw`` is what was typed, by linkId; ``last_contact_at`` is the server time that the phone
    last received before it was typed, None when unknown. So is everything else None that cannot be read.
    """

    client_id: str
    diary_on: date | None
    raw: dict[str, Any]
    claimed_at: datetime | None
    offset_minutes: int | None
    language: str
    last_contact_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncResult:
    """``diary_id`` and ``severity`` of what is stored now; ``reason`` is an English msgid where it is not a diary.

    ``diary_on``: the day whose draft has the answers that need another look.
    """

    verdict: WindowVerdict
    diary_id: int | None = None
    severity: str | None = None
    reason: str = ""
    diary_on: date | None = None


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
    """Store what waited: as a diary where it is one, else as a report with every answer that can be read.

    Answers that need another look become the day's draft, too, unless it has one.
    """
    participant = find_own_participant(session, actor)
    waiting = replace(waiting, raw=keeping.clean_raw(waiting.raw))
    entered_at, day = _time_and_day(participant, waiting, now)
    read = None if day is None else _read(session, participant, waiting, day, entered_at)
    if day is None or read is None:
        return _keep(session, actor, participant, waiting, day, entered_at, now)
    form, answers, unread = read
    submission = Submission(
        client_id=waiting.client_id,
        diary_on=day,
        answers=dict(answers),
        entered_at=entered_at,
        offset_minutes=_offset(participant, waiting, entered_at),
        language=waiting.language,
        questionnaire=form_name(form),
        unread=keeping.clean_unread(unread),
    )
    return _answer(submit_diary(session, actor=actor, submission=submission, now=now), entered_at)


def _time_and_day(participant: Participant, waiting: QueuedDiary, now: datetime) -> tuple[datetime, date | None]:
    """When it was entered, and the day that it is about: None where there can be no diary of it.

    What was entered at no possible time is about no certain day either, unless that is the day of the server, too.
    """
    claimed, contact, day = waiting.claimed_at, waiting.last_contact_at, waiting.diary_on
    entered_at = (
        plausible_entry_time(claimed, received_at=now, last_contact_at=contact or now) if claimed is not None else now
    )
    refuted = claimed is None or is_entry_time_refuted(claimed, received_at=now, last_contact_at=contact)
    if day is None:
        return entered_at, None
    if refuted and day != local_day(now, participant.timezone):
        return entered_at, None
    return entered_at, day if keeping.may_be_written(participant, day, now) else None


def _read(
    session: Session, participant: Participant, waiting: QueuedDiary, day: date, entered_at: datetime
) -> tuple[Questionnaire, Answers, dict[str, Any]] | None:
    """The answers, by the questions of today or of an older version, and what was answered that these do not ask.

    None: they are a whole diary by no version.
    """
    form = compose_form(
        session,
        participant_id=participant.id,
        diary_on=day,
        at=entered_at,
        infusion_check=INFUSION_SIGNS in waiting.raw,
    )
    whole = []
    for one in (form, *_older(form, day)):
        answers, problems = read_answers(one, waiting.raw)
        if not problems:
            whole.append((one, answers, _unknown(one, waiting.raw)))
    return min(whole, key=lambda read: len(read[2]), default=None)


def _older(form: Questionnaire, day: date) -> list[Questionnaire]:
    """The same diary by the other released versions of its questions, the newest first."""
    daily, *extra = form.sources
    versions = [f"{name}.v{version}" for name, version in questionnaires.list_released() if name == form.name]
    return [form_asked_on(" ".join([name, *extra]), day) for name in reversed(versions) if name != daily]


def _unknown(form: Questionnaire, raw: dict[str, Any]) -> dict[str, Any]:
    return {name: typed for name, typed in raw.items() if typed not in EMPTY and name not in form.by_link}


def _keep(
    session: Session,
    actor: Actor,
    participant: Participant,
    waiting: QueuedDiary,
    day: date | None,
    entered_at: datetime,
    now: datetime,
) -> SyncResult:
    typed = keeping.TypedReport(
        client_id=waiting.client_id,
        diary_on=day,
        raw=waiting.raw,
        entered_at=entered_at if day is not None else now,
        offset_minutes=_offset(participant, waiting, entered_at),
        language=waiting.language,
    )
    try:
        receipt = keeping.keep_report(session, actor=actor, typed=typed, now=now)
    except NotFound:
        return SyncResult(WindowVerdict.REFUSED, reason=LOOK_AGAIN)
    found = _answer(receipt, entered_at)
    if receipt.again or day is None or drafts.find_row(session, actor, day) is not None:
        return found
    _keep_for_later(session, actor, waiting, day, now)
    return replace(found, verdict=WindowVerdict.UNFINISHED, reason=LOOK_AGAIN, diary_on=day)


def _offset(participant: Participant, waiting: QueuedDiary, at: datetime) -> int:
    known = waiting.offset_minutes
    return known if known is not None else utc_offset_minutes(at, participant.timezone)


def _answer(receipt: SubmissionReceipt, entered_at: datetime) -> SyncResult:
    newest = receipt.newest_entry_at
    found = sync_verdict(receipt.timing, again=receipt.again, entered_at=entered_at, newest_entry_at=newest)
    return SyncResult(found, receipt.diary_id, receipt.severity)


def _keep_for_later(session: Session, actor: Actor, waiting: QueuedDiary, day: date, now: datetime) -> None:
    """The reds of this draft are the report's already, and are not told a second time."""
    form = compose_form(
        session,
        participant_id=actor.participant_id or 0,
        diary_on=day,
        at=now,
        infusion_check=INFUSION_SIGNS in waiting.raw,
    )
    drafts.store_pages(
        session,
        actor=actor,
        diary_on=day,
        client_id=drafts.new_client_id(actor.id),
        pages=[page.name for page in form.pages],
        raw=waiting.raw,
        now=now,
        questionnaire=form_name(form),
    )
