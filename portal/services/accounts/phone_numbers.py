"""Another number for an account: what has not gone yet follows it, in the same transaction."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from portal.adapters import phones
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.errors import Invalid, NotFound
from portal.domain.msgid import N_
from portal.domain.reasons import GIVE_THE_REASON
from portal.domain.tasks import TaskKind
from portal.models.base import get_cipher
from portal.models.people import Account, Participant
from portal.services import audit, messages, tasks
from portal.services.scope import within_sites

NOT_A_NUMBER: Final = N_("Enter a phone number, for example 138 0013 8000.")
TAKEN: Final = N_("This number belongs to another account.")


def change_phone(
    session: Session, *, actor: Actor, study_number: str, account_id: int, phone: str, reason: str, now: datetime
) -> None:
    """The number of one of a participant's accounts. Raises ``NotFound`` elsewhere, ``Invalid`` with problems by field.

    Somebody who had no number and never said anything about texts gets them from now on; whose were switched off does
    not. The task of a phone that could not be reached is settled.
    """
    account = _held(session, actor, study_number, account_id)
    number = _checked(session, account, phone, reason)
    participant_id = account.participant_id
    audit.begin(session, actor=actor, action="account:phone", now=now, participant_id=participant_id, reason=reason)
    account.phone, account.phone_index = number, get_cipher().blind_index("phone", number)
    if account.reminders_set_by is None:
        account.reminders_on = True
    session.flush()
    messages.replan_reminders(session, participant_id=participant_id, now=now)
    tasks.settle_task(
        session, participant_id=participant_id, kind=TaskKind.UNREACHABLE_PHONE, now=now, staff_id=actor.id
    )


def _held(session: Session, actor: Actor, study_number: str, account_id: int) -> Account:
    found = (
        select(Account)
        .join(Account.participant)
        .options(contains_eager(Account.participant))
        .where(Account.id == account_id, Participant.study_number == study_number, within_sites(actor))
    )
    account = session.scalars(found.with_for_update()).one_or_none()
    if account is None:
        raise NotFound
    require_permission(actor, Permission.MESSAGES_ACT, site=account.participant.site)
    return account


def _checked(session: Session, account: Account, phone: str, reason: str) -> str:
    """The number as E.164."""
    number, problem = _number(session, account, phone)
    problems = {"phone": problem, "why_number": None if reason.strip() else GIVE_THE_REASON}
    if number is None or any(problems.values()):
        raise Invalid(problems={field: words for field, words in problems.items() if words})
    return number


def _number(session: Session, account: Account, typed: str) -> tuple[str | None, str | None]:
    try:
        number = phones.to_e164(typed)
    except phones.NotAPhone:
        return None, NOT_A_NUMBER
    index = get_cipher().blind_index("phone", number)
    taken = session.scalar(select(Account.id).where(Account.phone_index == index, Account.id != account.id))
    return number, TAKEN if taken else None
