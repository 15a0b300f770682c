"""Sealing the audit log into the chain, signing anchors, and verifying it to find tampering.

Writers never wait for the chain: they append their events, and one sealer at a time links what has been committed
a few seconds later (docs/adr/010 says what that buys and what it leaves open).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.adapters import signing_key
from portal.domain.audit_chain import GENESIS, anchor_statement, link_digest
from portal.models.audit import AuditChange, AuditEvent
from portal.models.audit_chain import AuditAnchor, AuditLink

# No transaction lasts this long: an act that is sealed late still has a number above those sealed an hour ago.
OPEN_TRANSACTION_GRACE: Final = timedelta(hours=1)
ANCHOR_EVERY: Final = timedelta(days=1)
BATCH: Final = 1_000
SEALING_LOCK: Final = 6_949_267
EVENT: Final = tuple(
    getattr(AuditEvent, name)
    for name in ("id", "at", "actor_kind", "actor_id", "role", "action", "participant_id", "reason", "request_id")
)
CHANGE: Final = tuple(
    getattr(AuditChange, name) for name in ("event_id", "id", "participant_id", "entity", "entity_id", "verb", "fields")
)
Rows = Mapping[int, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first fault of the chain: its position, the audit event, and what is wrong."""

    position: int
    event_id: int | None
    fault: str


@dataclass(frozen=True, slots=True)
class ChainVerification:
    """Number of valid ``links``, their ``head``, events not sealed yet, valid anchors, and the first fault."""

    links: int
    head: bytes
    unsealed: int
    anchors: int
    broken: ChainFault | None


@dataclass(frozen=True, slots=True)
class AnchorView:
    """The signed head of the chain: to be stored outside the portal."""

    position: int
    digest: bytes
    signed_at: datetime
    public_key: str
    signature: bytes


def seal_events(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Seal up to ``limit`` committed events into the chain; returns how many. None while another process seals."""
    if not _my_turn(session):
        return 0
    position, digest = _head(session)
    events = _unsealed(session, now, limit)
    changes = _changes(session, [event[0] for event in events])
    rows = []
    for event in events:
        position, digest = position + 1, link_digest(digest, event, changes.get(event[0], ()))
        rows.append({"position": position, "event_id": event[0], "digest": digest, "sealed_at": now})
    if rows:
        session.execute(insert(AuditLink), rows)
    return len(rows)


def sign_due_anchor(session: Session, *, secret: str, now: datetime) -> int:
    """Sign the head of the chain once a day, only if it has grown; returns 1 where an anchor was made."""
    newest = session.execute(
        select(AuditAnchor.position, AuditAnchor.signed_at).order_by(AuditAnchor.id.desc()).limit(1)
    ).one_or_none()
    position, digest = _head(session)
    if position == 0 or (newest and (newest[0] == position or now - newest[1] < ANCHOR_EVERY)):
        return 0
    if not _my_turn(session):
        return 0
    values = {
        "position": position,
        "digest": digest,
        "signed_at": now,
        "public_key": signing_key.derive_public_key(secret),
        "signature": signing_key.sign_statement(secret, anchor_statement(position, digest)),
    }
    session.execute(insert(AuditAnchor), [values])
    return 1


def list_anchors(session: Session) -> Iterator[AnchorView]:
    """Oldest first: one a day."""
    for row in session.scalars(select(AuditAnchor).order_by(AuditAnchor.id)):
        yield AnchorView(row.position, row.digest, row.signed_at, row.public_key, row.signature)


def verify_chain(session: Session, *, kept: Sequence[AnchorView] = ()) -> ChainVerification:
    """Walk the line from its beginning and stop at the first fault. ``kept``: anchors that were stored elsewhere."""
    wanted = _by_position([*list_anchors(session), *kept])
    position, digest, held = 0, GENESIS, 0
    while batch := _links(session, position):
        events, changes = (
            _events(session, [row.event_id for row in batch]),
            _changes(session, [r.event_id for r in batch]),
        )
        for row in batch:
            fault = _fault(row, position, digest, events.get(row.event_id), changes.get(row.event_id, ()))
            if fault is None and not all(_holds(one, row.digest) for one in wanted.get(row.position, ())):
                fault = "the anchor signed something else"
            if fault:
                return ChainVerification(position, digest, 0, held, ChainFault(row.position, row.event_id, fault))
            position, digest = row.position, row.digest
            held += len(wanted.get(position, ()))
    missing = [place for place in wanted if place > position]
    broken = ChainFault(position + 1, None, "the chain ends before an anchor") if missing else None
    return ChainVerification(position, digest, _count_unsealed(session), held, broken)


def _fault(row: Any, position: int, digest: bytes, event: Sequence[Any] | None, changes: Any) -> str | None:
    if row.position != position + 1:
        return "a link is missing before it"
    if event is None:
        return "the act is gone"
    if link_digest(digest, event, changes) != row.digest:
        return "the act, one of its changes or its place is not what was sealed"
    return None


def _holds(anchor: AnchorView, digest: bytes) -> bool:
    signed = anchor_statement(anchor.position, anchor.digest)
    return anchor.digest == digest and signing_key.verify_signature(anchor.public_key, signed, anchor.signature)


def _by_position(found: Sequence[AnchorView]) -> dict[int, list[AnchorView]]:
    by_position: dict[int, list[AnchorView]] = {}
    for anchor in found:
        by_position.setdefault(anchor.position, []).append(anchor)
    return by_position


def _my_turn(session: Session) -> bool:
    """SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(SEALING_LOCK))))


def _head(session: Session) -> tuple[int, bytes]:
    head = session.execute(select(AuditLink.position, AuditLink.digest).order_by(AuditLink.position.desc()).limit(1))
    found = head.one_or_none()
    return (found[0], found[1]) if found else (0, GENESIS)


def _unsealed(session: Session, now: datetime, limit: int) -> Sequence[Any]:
    """By number. Acts below what was sealed an hour ago are sealed already, so the search is short."""
    below = session.scalar(
        select(AuditLink.event_id)
        .where(AuditLink.sealed_at < now - OPEN_TRANSACTION_GRACE)
        .order_by(AuditLink.position.desc())
        .limit(1)
    )
    sealed = select(AuditLink.position).where(AuditLink.event_id == AuditEvent.id)
    statement_ = select(*EVENT).where(AuditEvent.id > (below or 0), ~sealed.exists()).order_by(AuditEvent.id)
    return session.execute(statement_.limit(limit)).all()


def _count_unsealed(session: Session) -> int:
    sealed = select(AuditLink.position).where(AuditLink.event_id == AuditEvent.id)
    return session.scalar(select(func.count()).select_from(AuditEvent).where(~sealed.exists())) or 0


def _links(session: Session, after: int) -> Sequence[Any]:
    """The next links, by place. A link at or below place 0 would never be looked at: it cannot be made by ``seal``."""
    return session.execute(
        select(AuditLink.position, AuditLink.event_id, AuditLink.digest)
        .where(AuditLink.position > after)
        .order_by(AuditLink.position)
        .limit(BATCH)
    ).all()


def _events(session: Session, numbers: Sequence[int]) -> Rows:
    return {row[0]: row for row in session.execute(select(*EVENT).where(AuditEvent.id.in_(numbers)))}


def _changes(session: Session, numbers: Sequence[int]) -> Mapping[int, Sequence[Any]]:
    """The changes of each act, in the order in which they were written."""
    statement_ = select(*CHANGE).where(AuditChange.event_id.in_(numbers))
    rows = session.execute(statement_.order_by(AuditChange.event_id, AuditChange.id)).all()
    return {number: list(group) for number, group in groupby(rows, key=lambda row: row[0])}
