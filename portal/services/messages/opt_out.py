"""Whether an account wants reminders: one record, whether set by the person, the carrier, or staff on the phone."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.domain.access import Actor
from portal.domain.errors import NotFound
from portal.domain.messages import DeliveryState, MessageReason
from portal.domain.messages.inbound import ReminderSwitch
from portal.domain.reasons import reason_of
from portal.models.messages import Message
from portal.models.people import Account
from portal.services import audit
from portal.services.messages import failure_tasks
from portal.services.messages.planning import replan_reminders


def set_reminders_on(session: Session, account: Account, *, on: bool, by: ReminderSwitch, now: datetime) -> None:
    """Switch an account's reminders and plan again. The caller has begun the audit event."""
    account.reminders_on, account.reminders_set_at, account.reminders_set_by = on, now, by
    session.flush()
    replan_reminders(session, participant_id=account.participant_id, now=now)


def switch_reminders_by_staff(
    session: Session, *, actor: Actor, account_id: int, on: bool, reason: str, now: datetime
) -> str:
    """What somebody asked for on the phone; the study number. Raises ``NotFound`` for other sites."""
    account = session.scalars(
        select(Account).where(Account.id == account_id).options(joinedload(Account.participant))
    ).one_or_none()
    if account is None or account.participant.site not in actor.sites:
        raise NotFound
    reason = reason_of(reason)
    action = "texts:start" if on else "texts:stop"
    audit.begin(session, actor=actor, action=action, now=now, participant_id=account.participant_id, reason=reason)
    set_reminders_on(session, account, on=on, by=ReminderSwitch.STAFF, now=now)
    return account.participant.study_number


def follow_up_failures(session: Session, failed: Sequence[DeliveryState], *, now: datetime) -> None:
    """Open a task for each failure; a STOP reported by the carrier also switches the account's reminders off.

    The caller has begun the audit event.
    """
    failure_tasks.open_failure_tasks(session, [line.id for line in failed], now=now)
    ids = [line.id for line in failed if line.reason == MessageReason.OPTED_OUT]
    if not ids:
        return
    statement = select(Account).join(Message, Message.account_id == Account.id).where(Message.id.in_(ids))
    for account in session.scalars(statement.where(Account.reminders_on)).unique():
        set_reminders_on(session, account, on=False, by=ReminderSwitch.PROVIDER, now=now)
