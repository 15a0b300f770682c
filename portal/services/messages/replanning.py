"""Taking off what has not gone yet, and saying why it stayed off."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from portal.domain.messages import DIARY_KINDS, INFUSION_KINDS, PLANNED_KINDS, MessageReason, MessageState
from portal.domain.participation import ParticipationStatus
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Account, Participant
from portal.services.messages import facts, slots


def cancel_planned(session: Session, *, participant_id: int, now: datetime) -> None:
    """Every reminder to the participant's accounts that is still planned.

    What was made in another way (a code, the last word, a text sent again) is not planned anew: the looks before the
    call decide about it.
    """
    session.flush()
    session.execute(
        update(Message)
        .where(
            Message.participant_id == participant_id,
            Message.kind.in_([str(kind) for kind in PLANNED_KINDS]),
            Message.again_of.is_(None),
            Message.state == MessageState.PLANNED,
        )
        .values(state=MessageState.SUPPRESSED, reason=MessageReason.REPLANNED, final_at=now),
        execution_options={"synchronize_session": False},
    )


def record_cancellation_reasons(session: Session, *, participant_id: int) -> None:
    """What stayed off after planning anew says why."""
    left = session.execute(_left(participant_id)).all()
    if not left:
        return
    dates, on_ward = _dates(session, participant_id), bool(facts.list_on_ward(session, {participant_id}))
    reasons = {row.id: _reason(row, dates, on_ward=on_ward) for row in left}
    changes = [{"id": number, "reason": str(reason)} for number, reason in reasons.items()]
    session.execute(update(Message), changes, execution_options={"synchronize_session": False})


def _left(participant_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Message.id, Message.kind, Message.dedupe_key, Participant.status, Account.reminders_on, Account.phone_index
        )
        .join(Account, Account.id == Message.account_id)
        .join(Participant, Participant.id == Message.participant_id)
        .where(
            Message.participant_id == participant_id,
            Message.state == MessageState.SUPPRESSED,
            Message.reason == MessageReason.REPLANNED,
        )
    )


def _dates(session: Session, participant_id: int) -> frozenset[str]:
    """The dedupe keys of the infusions that still stand."""
    found = select(Infusion.number, Infusion.planned_at).where(
        Infusion.participant_id == participant_id, slots.infusion_is_ahead()
    )
    return frozenset(slots.appointment_dedupe_key(number, planned_at) for number, planned_at in session.execute(found))


def _reason(row: Row[*tuple[Any, ...]], dates: frozenset[str], *, on_ward: bool) -> MessageReason:
    if row.status != ParticipationStatus.ACTIVE:
        return MessageReason.STATUS
    if not row.reminders_on:
        return MessageReason.TEXTS_OFF
    if row.phone_index is None:
        return MessageReason.NO_PHONE
    if row.kind in INFUSION_KINDS and row.dedupe_key not in dates:
        return MessageReason.DATE_CHANGED
    if row.kind in DIARY_KINDS and on_ward:
        return MessageReason.ON_WARD
    return MessageReason.REPLANNED
