"""Making the rows that should exist: one statement a kind for everybody, the same as often as it is asked."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import (
    CursorResult,
    Select,
    String,
    and_,
    bindparam,
    cast,
    exists,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from portal import protocols
from portal.adapters import fault_injection, message_templates
from portal.domain.access import SYSTEM
from portal.domain.messages import DIARY_KINDS, REVIVABLE, MessageReason, MessageState, diary_dedupe_keys
from portal.domain.participation import ParticipationStatus
from portal.models.diary import Diary
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.participation import DIARY_KEPT_BY_WARD, Stay
from portal.models.people import Account, Participant
from portal.models.upsert import insert_into, random_token, use_hash_joins
from portal.services import audit
from portal.services.messages import replanning, slots

Source = Select[*tuple[Any, ...]]
HORIZON: Final = timedelta(hours=24)
COLUMNS: Final = (
    "participant_id", "account_id", "recipient", "kind", "dedupe_key", "token", "template_version", "language",
    "state", "not_before_at", "expires_at", "created_at", "attempts",
)  # fmt: skip
RENEWED: Final = ("state", "reason", "not_before_at", "expires_at", "language", "template_version", "final_at")

WAITING: Final = and_(
    Message.participant_id == bindparam("of_participant"),
    Message.kind.in_([str(kind) for kind in DIARY_KINDS]),
    Message.dedupe_key.in_([bindparam("day"), bindparam("day_again")]),
    Message.state == MessageState.PLANNED,
)
DIARY_IS_THERE: Final = (
    update(Message)
    .where(WAITING)
    .values(state=MessageState.SUPPRESSED, reason=MessageReason.DIARY_SENT, final_at=bindparam("now"))
)


def plan_reminders(session: Session, *, now: datetime) -> int:
    """Materialise what falls due in the next 24 hours for everybody; how many rows were added or taken up again."""
    use_hash_joins(session)
    sources = _sources(session, now=now)
    if not any(session.scalar(select(exists(source))) for source in sources):
        return 0
    audit.begin(session, actor=SYSTEM, action="message:plan", now=now)
    planned = _insert(session, sources)
    fault_injection.maybe_crash_at("planning")
    return planned


def replan_reminders(session: Session, *, participant_id: int, now: datetime) -> None:
    """Re-plan unsent reminders after a change of dates, hour, language, phone, switch or status. No audit event."""
    replanning.cancel_planned(session, participant_id=participant_id, now=now)
    _insert(session, _sources(session, now=now, participant_id=participant_id))
    replanning.record_cancellation_reasons(session, participant_id=participant_id)


def cancel_diary_reminder(session: Session, *, participant_id: int, diary_on: date, now: datetime) -> int:
    """The diary has come: cancel its unsent reminder and nudge; how many rows that were. No audit event."""
    day, day_again = diary_dedupe_keys(diary_on)
    given = {"of_participant": participant_id, "day": day, "day_again": day_again, "now": now}
    return _rows(session, DIARY_IS_THERE, given)


def _sources(session: Session, *, now: datetime, participant_id: int | None = None) -> list[Source]:
    protocol = protocols.load_protocol()
    reach = _reachable(participant_id)
    hours = session.execute(
        select(Participant.timezone, Account.reminder_at).join(Account.participant).where(reach).distinct()
    ).all()
    diary = slots.diary_slots([(ZoneInfo(zone), at) for zone, at in hours], protocol=protocol, now=now, horizon=HORIZON)
    dates = session.execute(_appointments(reach, now)).all()
    appointments = slots.appointment_slots(
        [(ZoneInfo(zone), at) for zone, at in dates], reminders=protocol.reminders, now=now, horizon=HORIZON
    )
    sources = [_diary_source(diary, reach, now)] if diary else []
    return [*sources, _appointment_source(appointments, reach, now)] if appointments else sources


def _reachable(participant_id: int | None) -> Any:
    """Those who want texts and can get them."""
    conditions = [
        Account.reminders_on,
        Account.phone.is_not(None),
        Account.activated_at.is_not(None),
        Participant.status == ParticipationStatus.ACTIVE,
    ]
    if participant_id is not None:
        conditions.append(Participant.id == participant_id)
    return and_(*conditions)


def _appointments(reach: Any, now: datetime) -> Source:
    return (
        select(Participant.timezone, Infusion.planned_at)
        .join(Infusion, Infusion.participant_id == Participant.id)
        .join(Account, Account.participant_id == Participant.id)
        .where(reach, slots.infusion_is_ahead_between(now, now + HORIZON + timedelta(days=2)))
        .distinct()
    )


def _diary_source(rows: Sequence[slots.DiarySlot], reach: Any, now: datetime) -> Source:
    slot = slots.diary_table(rows)
    sent = exists().where(Diary.participant_id == Participant.id, Diary.diary_on == slot.c.day)
    return (
        _columns(slot, slot.c.kind, slot.c.dedupe_key, now)
        .join(slot, and_(slot.c.timezone == Participant.timezone, slot.c.reminder_at == Account.reminder_at))
        .where(
            reach,
            Participant.transplant_on.between(slot.c.transplant_from, slot.c.transplant_until),
            Participant.enrolled_on <= slot.c.day,
            ~sent,
            ~_on_the_ward(),
            _not_there(slot.c.kind, slot.c.dedupe_key),
        )
    )


def _on_the_ward() -> Any:
    """In hospital with the diary kept by the ward: nobody else is to be reminded of it."""
    return exists().where(Stay.participant_id == Participant.id, DIARY_KEPT_BY_WARD)


def _appointment_source(rows: Sequence[slots.AppointmentSlot], reach: Any, now: datetime) -> Source:
    slot = slots.appointment_table(rows)
    dedupe_key = cast(Infusion.number, String) + ":" + slot.c.stamp
    return (
        _columns(slot, slot.c.kind, dedupe_key, now)
        .join(Infusion, Infusion.participant_id == Participant.id)
        .join(slot, and_(slot.c.timezone == Participant.timezone, slot.c.planned_at == Infusion.planned_at))
        .where(reach, slots.infusion_is_ahead(), _not_there(slot.c.kind, dedupe_key))
    )


def _columns(slot: Any, kind: Any, dedupe_key: Any, now: datetime) -> Source:
    """The columns of ``COLUMNS``, in their order."""
    values = (
        Participant.id, Account.id, _recipient(), kind, dedupe_key, random_token(), literal(message_templates.CURRENT),
        Account.language, literal(MessageState.PLANNED), slot.c.not_before_at, slot.c.expires_at,
        literal(now, Message.created_at.type), literal(0),
    )  # fmt: skip
    named = (value.label(name) for name, value in zip(COLUMNS, values, strict=True))
    return select(*named).select_from(Account).join(Account.participant)


def _recipient() -> Any:
    return literal("account:") + cast(Account.id, String)


def _not_there(kind: Any, dedupe_key: Any) -> Any:
    """No such row yet, or only one that was taken off for a reason that no longer holds."""
    stands = or_(Message.state != MessageState.SUPPRESSED, Message.reason.not_in([str(reason) for reason in REVIVABLE]))
    same = and_(Message.recipient == _recipient(), Message.kind == kind, Message.dedupe_key == dedupe_key)
    return ~exists().where(same, stands)


def _insert(session: Session, sources: Sequence[Source]) -> int:
    return sum(_rows(session, _upsert(session, source)) for source in sources)


def _upsert(session: Session, source: Source) -> Any:
    due = source.subquery("due")
    insert = insert_into(session, Message).from_select(COLUMNS, select(due).where(true()), include_defaults=False)
    off = and_(Message.state == MessageState.SUPPRESSED, Message.reason.in_([str(reason) for reason in REVIVABLE]))
    return insert.on_conflict_do_update(
        index_elements=["recipient", "kind", "dedupe_key"],
        set_={name: insert.excluded[name] for name in RENEWED},
        where=off,
    )


def _rows(session: Session, statement: Any, given: dict[str, Any] | None = None) -> int:
    result = session.execute(
        statement, given, execution_options={"synchronize_session": False, "preserve_rowcount": True}
    )
    return result.rowcount if isinstance(result, CursorResult) else 0
