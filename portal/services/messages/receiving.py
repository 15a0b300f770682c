"""What comes back from the provider: receipts for our texts, and texts from people."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.adapters import phones, sms
from portal.domain.access import SYSTEM
from portal.domain.messages import Inbound, heard_from, ledger
from portal.models.base import cipher
from portal.models.messages import Message
from portal.models.people import Account
from portal.services import audit
from portal.services.messages.planning import replan
from portal.services.messages.recording import read_lines, write_lines

SWITCHES: Final = MappingProxyType({Inbound.STOP: False, Inbound.START: True})


def record_status(
    session: Session, *, token: str, provider_id: str, status: str, error_code: str | None, now: datetime
) -> bool:
    """A receipt: late, twice, out of order or before our own record, the line ends the same. False: not one of ours."""
    found = session.execute(select(Message.id, Message.participant_id).where(Message.token == token)).one_or_none()
    if found is None:
        return False
    line = read_lines(session, [found.id])[found.id]
    after = ledger.heard(
        line,
        provider=sms.sender().name,
        provider_id=provider_id,
        status=status,
        error_code=error_code,
        reason=sms.final_reason(error_code or ""),
        now=now,
    )
    if after != line:
        audit.act(session, actor=SYSTEM, action="message:receipt", now=now, participant_id=found.participant_id)
        write_lines(session, [after])
    return True


def record_inbound(session: Session, *, phone: str, body: str, now: datetime) -> Inbound:
    """Somebody texts: stop and start switch that account's texts, and everything planned follows."""
    word = heard_from(body)
    account = _account_of(session, phone)
    if account is None:
        return Inbound.UNKNOWN
    if word in SWITCHES and account.texts_on is not SWITCHES[word]:
        audit.act(
            session, actor=SYSTEM, action=f"texts:{word}", now=now, participant_id=account.participant_id,
            reason="asked by text",
        )  # fmt: skip
        account.texts_on = SWITCHES[word]
        replan(session, participant_id=account.participant_id, now=now)
    return word


def signature_is_valid(url: str, form: Mapping[str, str], signature: str) -> bool:
    """Whether the provider made this request to this public URL; nobody's request is valid without a provider."""
    return sms.sender().signature_is_valid(url, form, signature)


def _account_of(session: Session, phone: str) -> Account | None:
    try:
        number = phones.to_e164(phone)
    except phones.NotAPhone:
        return None
    return session.scalars(
        select(Account).where(Account.phone_index == cipher().blind_index("phone", number))
    ).one_or_none()
