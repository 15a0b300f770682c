"""Freezing and locking data, opening them again, and what is closed now. What they refuse: ``models/locking``."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from portal import protocols
from portal.domain import locking as rules
from portal.domain.access import Actor, Permission, require_permission
from portal.domain.diary import local_day
from portal.domain.errors import Conflict, Invalid, NotFound
from portal.domain.locking import ClosedPeriod, LockKind, find_covering_lock
from portal.domain.msgid import N_
from portal.domain.reasons import reason_of
from portal.models.locking import DataLock, block_changes, get_locks, read_locks
from portal.models.people import Participant, Staff
from portal.services import audit, team
from portal.services.scope import find_participant, within_sites

PAGE: Final = 50
OPENED: Final = N_("These data are open again already.")


@dataclass(frozen=True, slots=True)
class LockView:
    """``study_number`` None: every participant of the site. ``signed_by``: the printed name under an opened lock."""

    id: int
    kind: LockKind
    site: str
    study_number: str | None
    until_on: date | None
    reason: str
    set_by: str
    set_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None
    signed_by: str | None


@dataclass(frozen=True, slots=True)
class LockRequest:
    """What is to be closed: one participant, or a whole site up to a day that is over."""

    kind: LockKind
    site: str | None
    study_number: str | None
    until_on: date | None
    reason: str


def close_data(session: Session, *, actor: Actor, closing: LockRequest, now: datetime) -> int:
    """Freeze or lock; its id. Waits for changes on their way. Raises Invalid by field, NotAllowed without the grant."""
    require_permission(actor, Permission.DATA_LOCK)
    reason = reason_of(closing.reason, longest=rules.REASON_MAX)
    today = local_day(now, protocols.load_protocol().timezone)
    rules.check_until(closing.until_on, today=today, whole_site=closing.study_number is None)
    site, participant_id = _asked(session, actor, closing)
    block_changes(session)
    audit.begin(
        session, actor=actor, action=f"data:{closing.kind}", now=now, participant_id=participant_id, reason=reason
    )
    row = DataLock(
        kind=closing.kind,
        site=site,
        participant_id=participant_id,
        until_on=closing.until_on,
        reason=reason,
        set_at=now,
        set_by_id=actor.id,
    )
    session.add(row)
    session.flush()
    return row.id


def _asked(session: Session, actor: Actor, closing: LockRequest) -> tuple[str, int | None]:
    if closing.study_number is None:
        if closing.site not in actor.sites:
            raise Invalid(problems={"site": N_("Choose one of your sites.")})
        return str(closing.site), None
    try:
        participant = find_participant(session, actor, closing.study_number)
    except NotFound:
        raise Invalid(problems={"study_number": N_("There is no such participant at your sites.")}) from None
    return participant.site, participant.id


def lift_lock(
    session: Session, *, actor: Actor, lock_id: int, reason: str, now: datetime, password: str = "", code: str = ""
) -> bool:
    """Open again. A lock wants a signature: False when password and code do not fit, which is counted and recorded."""
    row = session.scalars(_of_sites(actor).where(DataLock.id == lock_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound
    require_permission(actor, Permission.DATA_LOCK, site=row.site)
    if row.lifted_at is not None:
        raise Conflict(OPENED)
    reason, action, name = reason_of(reason, longest=rules.REASON_MAX), f"data:open-{row.kind}", None
    if row.kind == LockKind.LOCK:
        name = team.confirm_staff(
            session, actor=actor, password=password, code=code, action="signature:confirmed", now=now,
            participant_id=row.participant_id,
        )  # fmt: skip
        if name is None:
            return False
    audit.begin(session, actor=actor, action=action, now=now, participant_id=row.participant_id, reason=reason)
    row.lifted_at, row.lifted_by_id, row.lift_reason, row.lifted_name = now, actor.id, reason, name
    return True


def is_closed(session: Session, *, participant_id: int, day: date) -> bool:
    """Whether the participant's data of that day are closed now."""
    return find_covering_lock(get_locks(session, participant_id), [day]) is not None


def list_active_locks(session: Session, *, participant_id: int) -> tuple[ClosedPeriod, ...]:
    """What is closed of a participant now, for somebody who has been found to be visible."""
    return tuple(read_locks(session, participant_id))


def list_locks(session: Session, *, actor: Actor, before: int | None = None) -> tuple[LockView, ...]:
    """Newest first; ``before``: the last id of the page before."""
    statement = _all(actor).where(*([DataLock.id < before] if before else [])).limit(PAGE)
    return tuple(_seen(*row) for row in session.execute(statement))


def get_lock(session: Session, *, actor: Actor, lock_id: int) -> LockView:
    """Raises NotFound for one of another site."""
    row = session.execute(_all(actor).where(DataLock.id == lock_id)).one_or_none()
    if row is None:
        raise NotFound
    return _seen(*row)


def _all(actor: Actor) -> Select[*tuple[Any, ...]]:
    setter, lifter = aliased(Staff), aliased(Staff)
    return (
        select(DataLock, Participant.study_number, setter.name, lifter.name)
        .outerjoin(Participant, Participant.id == DataLock.participant_id)
        .join(setter, setter.id == DataLock.set_by_id)
        .outerjoin(lifter, lifter.id == DataLock.lifted_by_id)
        .where(within_sites(actor, DataLock.site))
        .order_by(DataLock.id.desc())
    )


def _of_sites(actor: Actor) -> Select[DataLock]:
    return select(DataLock).where(within_sites(actor, DataLock.site))


def _seen(row: DataLock, study_number: str | None, set_by: str, lifted_by: str | None) -> LockView:
    same: dict[str, Any] = {
        name: getattr(row, name) for name in ("id", "site", "until_on", "reason", "set_at", "lifted_at", "lift_reason")
    }
    return LockView(
        kind=row.kind,
        study_number=study_number,
        set_by=set_by,
        lifted_by=lifted_by,
        signed_by=row.lifted_name,
        **same,
    )
