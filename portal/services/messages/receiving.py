"""What comes back from the provider: receipts for our texts, and texts from people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import fault_injection, phones, sms
from portal.domain.access import SYSTEM
from portal.domain.messages import (
    ANSWERED_BY_TWILIO,
    InboundMeaning,
    MessageKind,
    MessageState,
    normalize_words,
    read_meaning,
)
from portal.domain.messages.inbound import ReminderSwitch
from portal.models.base import get_cipher
from portal.models.messages import InboundText, Message
from portal.models.people import Account
from portal.models.upsert import insert_into
from portal.services import audit
from portal.services.messages.claiming import erase_secrets
from portal.services.messages.opt_out import follow_up_failures, set_reminders_on
from portal.services.messages.recording import apply_provider_status, read_delivery_states, write_delivery_states
from portal.services.messages.replying import ReplyText, enqueue_reply, find_previous_reply

SWITCH_MEANINGS: Final = MappingProxyType({InboundMeaning.STOP: False, InboundMeaning.START: True})
REPLIES: Final = MappingProxyType(
    {
        InboundMeaning.STOP: MessageKind.REPLY_STOPPED,
        InboundMeaning.START: MessageKind.REPLY_STARTED,
        InboundMeaning.HELP: MessageKind.REPLY_HELP,
        InboundMeaning.OTHER: MessageKind.REPLY_UNREAD,
    }
)


@dataclass(frozen=True, slots=True)
class InboundResult:
    """What a text meant, and what to answer it with, if anything."""

    meaning: InboundMeaning
    reply: ReplyText | None = None


def record_status(
    session: Session, *, token: str, provider_id: str, status: str, error_code: str | None, now: datetime
) -> bool:
    """A receipt: late, twice, out of order or before our own record, the line ends the same. False: not one of ours."""
    found = session.execute(select(Message.id, Message.participant_id).where(Message.token == token)).one_or_none()
    if found is None:
        return False
    line = read_delivery_states(session, [found.id])[found.id]
    after = apply_provider_status(line, provider_id, status, error_code, sms.get_sender().name, now)
    if after != line:
        audit.begin(session, actor=SYSTEM, action="message:receipt", now=now, participant_id=found.participant_id)
        write_delivery_states(session, [after])
        erase_secrets(session, [found.id])
        follow_up_failures(session, [after] if after.state is MessageState.FAILED else [], now=now)
    fault_injection.maybe_crash_at("callback")
    return True


def record_inbound(session: Session, *, phone: str, body: str, provider_id: str, now: datetime) -> InboundResult:
    """Somebody texts: stop and start switch that account's texts; other words are kept for a coordinator.

    A call that comes twice (``provider_id``) does nothing more and is answered as before. Somebody unknown is not
    answered, and their words are not kept.
    """
    meaning, account = read_meaning(body), _account_of(session, phone)
    if account is None:
        return InboundResult(InboundMeaning.UNKNOWN)
    audit.begin(
        session, actor=SYSTEM, action=f"texts:{meaning}", now=now, participant_id=account.participant_id,
        reason="asked by text",
    )  # fmt: skip
    inbound_id = _keep(session, account, meaning, body, provider_id, now)
    if inbound_id is None:
        return InboundResult(meaning, find_previous_reply(session, provider_id=provider_id))
    if meaning in SWITCH_MEANINGS and account.reminders_on is not SWITCH_MEANINGS[meaning]:
        set_reminders_on(session, account, on=SWITCH_MEANINGS[meaning], by=ReminderSwitch.TEXT, now=now)
    if normalize_words(body) in ANSWERED_BY_TWILIO and sms.get_sender().name == "twilio":
        return InboundResult(meaning)
    return InboundResult(meaning, enqueue_reply(session, account, REPLIES[meaning], inbound_id=inbound_id, now=now))


def signature_is_valid(url: str, form: Mapping[str, str], signature: str) -> bool:
    """Whether the provider made this request to this public URL; nobody's request is valid without a provider."""
    return sms.get_sender().signature_is_valid(url, form, signature)


def _keep(
    session: Session, account: Account, meaning: InboundMeaning, body: str, provider_id: str, now: datetime
) -> int | None:
    """The new row's id; None when the same text was received before. Only other words need somebody's eyes."""
    insert = insert_into(session, InboundText).on_conflict_do_nothing().returning(InboundText.id)
    values = {
        "participant_id": account.participant_id,
        "account_id": account.id,
        "provider_id": provider_id,
        "meaning": str(meaning),
        "words": body if meaning is InboundMeaning.OTHER else None,
        "received_at": now,
        "read_at": None if meaning is InboundMeaning.OTHER else now,
    }
    return session.execute(insert.values(**values)).scalar_one_or_none()


def _account_of(session: Session, phone: str) -> Account | None:
    try:
        number = phones.to_e164(phone)
    except phones.NotAPhone:
        return None
    return session.scalars(
        select(Account).where(Account.phone_index == get_cipher().blind_index("phone", number))
    ).one_or_none()
