"""Reminders that are due by the real clock, and where their rows are."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from portal.domain.access import SYSTEM, Role
from portal.extensions import db, transaction
from portal.models.messages import Message
from portal.models.people import Account
from portal.services import audit, enrolment
from tests.support.people import new_participant


def noon_zone(now: datetime) -> ZoneInfo:
    """A time zone in which it is about noon, so that no test meets quiet hours."""
    east = (12 - now.hour + 12) % 24 - 12
    return ZoneInfo(f"Etc/GMT{-east:+d}" if east else "Etc/GMT")


def enrol_due(count: int) -> None:
    """So many participants whose reminder fell due five minutes ago by the real clock."""
    now = datetime.now(UTC)
    zone = noon_zone(now)
    due = (now - timedelta(minutes=5)).astimezone(zone)
    for number in range(1, count + 1):
        _enrol_one(number, zone.key, due.date(), due.time().replace(second=0, microsecond=0), now)
    with transaction() as session:
        audit.begin(session, actor=SYSTEM, action="test:activate", now=now)
        session.execute(update(Account).values(activated_at=now))


def _enrol_one(number: int, zone: str, today: date, at: wall, now: datetime) -> None:
    account = enrolment.NewAccount(
        role=Role.PARTICIPANT, name="王小明", phone=f"+861380013{number:04}", language="zh-CN", reminder_at=at
    )
    person = new_participant(
        number, timezone=zone, transplant_on=today - timedelta(days=20), enrolled_on=today, accounts=(account,)
    )
    with transaction() as session:
        enrolment.register_participant(session, actor=SYSTEM, person=person, now=now)


def count_in(state: str) -> int:
    found = db.session.scalar(select(func.count()).select_from(Message).where(Message.state == state)) or 0
    db.session.rollback()
    return found


def senders() -> set[str | None]:
    """Which workers handed texts over."""
    return set(db.session.scalars(select(Message.claimed_by).where(Message.state == "sent").distinct()))


def claimers() -> set[str | None]:
    """Which workers hold texts."""
    found = set(db.session.scalars(select(Message.claimed_by).where(Message.state == "claimed").distinct()))
    db.session.rollback()
    return found
