"""The sealed allocation list: import, progress, and drawing the next row. Nothing here reveals an undrawn arm."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import allocation as rules
from portal.domain.access import Actor, ActorKind, Permission, require_permission
from portal.domain.allocation import AllocationListState
from portal.domain.errors import Conflict, Invalid
from portal.domain.msgid import N_
from portal.models.base import get_cipher
from portal.models.enrolment import Allocation, AllocationList
from portal.models.people import Staff
from portal.services import audit

ROWS_LEFT = N_("Another list still has rows to draw. A new one can be imported when it is used up.")
NO_LIST = N_("There is no allocation list with rows left. Ask the statistician.")
NO_ROWS = N_("This stratum of the allocation list has no rows left. Ask the statistician.")


@dataclass(frozen=True, slots=True)
class ImportedList:
    """``checksum``: SHA-256 of the file. ``new``: False when this very file was imported before."""

    list_id: int
    checksum: str
    rows: int
    new: bool


@dataclass(frozen=True, slots=True)
class StratumView:
    name: str
    rows: int
    drawn: int


@dataclass(frozen=True, slots=True)
class AllocationListView:
    """``by``: who imported it, None for a command at a terminal."""

    id: int
    checksum: str
    state: str
    at: datetime
    by: str | None
    strata: tuple[StratumView, ...]


@dataclass(frozen=True, slots=True)
class DrawnAllocation:
    """A row that has been drawn, once and for all, and its arm."""

    id: int
    sequence: int
    stratum: str
    arm: str


def import_allocation_list(session: Session, *, actor: Actor, content: bytes, now: datetime) -> ImportedList:
    """Store a list with every arm encrypted; importing the same file again changes nothing.

    ``Invalid`` with ``faults`` by line; ``Conflict`` while another list has rows to draw. One list may hold the whole
    study's strata. A person needs the permission, a terminal does not.
    """
    if actor.kind != ActorKind.SYSTEM:
        require_permission(actor, Permission.ALLOCATION_IMPORT)
    checksum = hashlib.sha256(content).hexdigest()
    audit.begin(session, actor=actor, action="allocation:import", now=now)
    known = session.scalars(select(AllocationList).where(AllocationList.checksum == checksum)).one_or_none()
    if known is not None:
        return ImportedList(known.id, checksum, _count(session, known.id), new=False)
    rows = _read(content)
    if session.scalar(select(AllocationList.id).where(AllocationList.state == AllocationListState.OPEN)) is not None:
        raise Conflict(ROWS_LEFT)
    by = actor.id if actor.kind == ActorKind.STAFF else None
    made = AllocationList(checksum=checksum, state=AllocationListState.OPEN, imported_by=by, imported_at=now)
    session.add(made)
    _flush_alone(session)
    session.add_all(_sealed(made, row) for row in rows)
    session.flush()
    return ImportedList(made.id, checksum, len(rows), new=True)


def _read(content: bytes) -> tuple[rules.AllocationRow, ...]:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(faults=(rules.AllocationFault(1, N_("The file is not UTF-8 text.")),)) from None
    rows, faults = rules.parse_allocation_list(text, arms=[arm.code for arm in protocols.load_protocol().arms])
    if faults:
        raise Invalid(faults=faults)
    return rows


def _flush_alone(session: Session) -> None:
    """Two imports in the same moment: the second is refused by the index on the open list."""
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(ROWS_LEFT) from None


def _sealed(made: AllocationList, row: rules.AllocationRow) -> Allocation:
    words = rules.encode_arm(stratum=row.stratum, sequence=row.sequence, arm=row.arm)
    sealed = get_cipher().encrypt(words.encode(), _context(made))
    return Allocation(list_id=made.id, stratum=row.stratum, sequence=row.sequence, sealed=sealed)


def _context(made: AllocationList) -> bytes:
    """Binds a seal to its list; the words inside bind it to its row."""
    return f"allocation.sealed.{made.checksum}".encode()


def _count(session: Session, list_id: int) -> int:
    return int(session.execute(select(func.count()).where(Allocation.list_id == list_id)).scalar_one())


def list_allocation_lists(session: Session) -> tuple[AllocationListView, ...]:
    """Every list, newest first, with how far each stratum is drawn."""
    found: dict[int, list[StratumView]] = {}
    counted = (
        select(Allocation.list_id, Allocation.stratum, func.count(), func.count(Allocation.drawn_at))
        .group_by(Allocation.list_id, Allocation.stratum)
        .order_by(Allocation.stratum)
    )
    for list_id, stratum, rows, drawn in session.execute(counted):
        found.setdefault(list_id, []).append(StratumView(stratum, rows, drawn))
    statement = select(AllocationList, Staff.name).outerjoin(Staff, Staff.id == AllocationList.imported_by)
    return tuple(
        AllocationListView(row.id, row.checksum, row.state, row.imported_at, name, tuple(found[row.id]))
        for row, name in session.execute(statement.order_by(AllocationList.id.desc()))
    )


def list_open_strata(session: Session) -> tuple[str, ...]:
    """The strata of the list that is being drawn from; none without a list."""
    statement = (
        select(Allocation.stratum)
        .join(AllocationList)
        .where(AllocationList.state == AllocationListState.OPEN)
        .distinct()
    )
    return tuple(sorted(session.scalars(statement)))


def draw_allocation(
    session: Session, *, actor: Actor, site: str, stratum: str | None, now: datetime
) -> DrawnAllocation:
    """Take the lowest undrawn row of the stratum, irreversibly. The caller has begun the audit event.

    The list's own row is locked first, so that of two who draw at once the second sees what the first has taken.
    ``Invalid`` at ``stratum`` where a choice is needed; ``Conflict`` when there is nothing to draw from.
    """
    made = session.scalars(
        select(AllocationList).where(AllocationList.state == AllocationListState.OPEN).with_for_update()
    ).one_or_none()
    if made is None:
        raise Conflict(NO_LIST)
    wanted = rules.choose_stratum(list_open_strata(session), site=site, chosen=stratum)
    if wanted is None:
        raise Invalid(problems={"stratum": N_("Choose the stratum.")})
    undrawn = select(Allocation).where(Allocation.list_id == made.id, Allocation.drawn_at.is_(None))
    mine = undrawn.where(Allocation.stratum == wanted).order_by(Allocation.sequence).limit(1)
    row = session.scalars(mine.with_for_update()).one_or_none()
    if row is None:
        raise Conflict(NO_ROWS)
    words = get_cipher().decrypt(bytes(row.sealed), _context(made)).decode()
    arm = rules.decode_arm(words, stratum=row.stratum, sequence=row.sequence)
    row.drawn_at, row.drawn_by = now, actor.id
    session.flush()
    if session.scalar(undrawn.with_only_columns(Allocation.id).limit(1)) is None:
        made.state = AllocationListState.EXHAUSTED
    return DrawnAllocation(row.id, row.sequence, row.stratum, arm)


def assign_allocation(session: Session, *, allocation_id: int, participant_id: int) -> None:
    """Write down whose the drawn row is. Part of another verb."""
    session.get_one(Allocation, allocation_id).participant_id = participant_id
