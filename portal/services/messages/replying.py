"""Replies to inbound texts. They are sent in the response to the provider's call, and recorded in the ledger first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from portal.adapters import message_templates, phones, sms
from portal.domain.messages import MessageKind, MessageState
from portal.models.messages import InboundText, Message
from portal.models.people import Account
from portal.services.messages.alerts import format_ward_phone
from portal.services.messages.new_rows import new_row

ONCE_IN: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ReplyText:
    """``token`` is the row's own, for the receipt."""

    body: str
    token: str


def enqueue_reply(
    session: Session, account: Account, kind: MessageKind, *, inbound_id: int, now: datetime
) -> ReplyText | None:
    """The text of the reply, with its row; None where the destination is one-way.

    "Nobody reads replies" is sent once in 24 hours, however many texts come. The caller has begun the audit event.
    """
    if not account.phone or not message_templates.find_destination(phones.calling_code(account.phone)).two_way:
        return None
    if kind is MessageKind.REPLY_UNREAD and _said_lately(session, account, kind, now):
        return None
    body = message_templates.get_template(kind, account.language).fill(phone=format_ward_phone(account))
    planned = new_row(
        recipient=f"account:{account.id}",
        kind=kind,
        dedupe_key=f"inbound:{inbound_id}",
        language=account.language,
        now=now,
        expires_at=now + ONCE_IN,
    )
    handed_over = {"state": MessageState.SENT, "attempts": 1, "provider": sms.get_sender().name, "sent_at": now}
    about = {"participant_id": account.participant_id, "account_id": account.id, "phone": account.phone}
    row = Message(**planned | handed_over | about, destination=phones.calling_code(account.phone), body=body)
    session.add(row)
    session.flush()
    session.execute(
        update(InboundText).where(InboundText.id == inbound_id).values(reply_id=row.id),
        execution_options={"synchronize_session": False},
    )
    return ReplyText(body, row.token)


def find_previous_reply(session: Session, *, provider_id: str) -> ReplyText | None:
    """The reply given to the same inbound text before: the provider may not have received it."""
    found = session.execute(
        select(Message.body, Message.token)
        .join(InboundText, InboundText.reply_id == Message.id)
        .where(InboundText.provider_id == provider_id)
    ).one_or_none()
    return ReplyText(found.body or "", found.token) if found else None


def _said_lately(session: Session, account: Account, kind: MessageKind, now: datetime) -> bool:
    return bool(
        session.scalar(
            select(
                exists().where(
                    Message.recipient == f"account:{account.id}",
                    Message.kind == str(kind),
                    Message.created_at > now - ONCE_IN,
                )
            )
        )
    )
