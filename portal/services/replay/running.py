"""Diaries as they were sent, judged again under a proposed protocol. Reads only: the database refuses anything else.

Participants are streamed in the order of their keys, so that memory does not grow with the trial.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.access import Actor
from portal.domain.errors import Invalid
from portal.domain.protocol import Protocol
from portal.domain.replay import ReplayTally, VerdictPair, changed_elsewhere, changed_thresholds, compare_case
from portal.models.people import Participant
from portal.services import audit
from portal.services.replay.reading import read_cases, read_missed_diaries, read_onsets
from portal.services.scope import within_sites

BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Replay:
    """``complete`` is false when a limit ended it early; then only the first ``tally.participants`` are in it."""

    tally: ReplayTally
    in_force: Protocol
    proposed: Protocol
    since: date | None
    complete: bool

    @property
    def changed(self) -> dict[str, tuple[str, str]]:
        return changed_thresholds(self.in_force.thresholds, self.proposed.thresholds)

    @property
    def not_replayed(self) -> tuple[str, ...]:
        return changed_elsewhere(self.in_force, self.proposed)


@contextmanager
def read_only_snapshot(session: Session) -> Iterator[Session]:
    """One snapshot in which the database itself refuses every write; nothing of it stays."""
    session.rollback()
    sqlite = session.get_bind().dialect.name == "sqlite"
    session.connection(execution_options={"snapshot": True})
    guard = "PRAGMA query_only = ON" if sqlite else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    session.execute(text(guard))
    try:
        yield session
    finally:
        if sqlite:
            session.execute(text("PRAGMA query_only = OFF"))
        session.rollback()


def replay_rules(
    session: Session,
    *,
    actor: Actor,
    proposed: Protocol,
    since: date | None = None,
    most_diaries: int | None = None,
) -> Replay:
    """Judge every diary from ``since`` on (earlier ones are its history) under both sets of thresholds.

    Of the participants at the actor's sites. ``most_diaries`` ends it after the participant with whom so many are
    reached.
    """
    in_force, tally = protocols.load_protocol(), ReplayTally()
    complete = True
    with read_only_snapshot(session):
        for person in _people(session, actor):
            if most_diaries is not None and tally.diaries >= most_diaries:
                complete = False
                break
            _add(session, tally, person, in_force, proposed, since)
    return Replay(tally, in_force, proposed, since, complete)


def read_proposal(content: bytes) -> Protocol:
    """The protocol of a file that somebody has sent. ``Invalid`` with ``faults``, everything that is wrong with it."""
    try:
        return protocols.load_protocol_bytes("file", content)
    except protocols.ProtocolFault as fault:
        raise Invalid(faults=fault.faults) from fault


def record_replay(session: Session, *, actor: Actor, digest: str, now: datetime) -> None:
    """Write down that somebody has tried a protocol; ``digest`` is the file's SHA-256."""
    audit.begin(session, actor=actor, action="rules:replay", now=now, reason=digest)


def _people(session: Session, actor: Actor) -> Iterator[Participant]:
    """By key, a batch at a time; each leaves the session before the next batch comes."""
    last = 0
    while True:
        people = select(Participant).where(Participant.id > last, within_sites(actor))
        batch = session.scalars(people.order_by(Participant.id).limit(BATCH)).all()
        if not batch:
            return
        last = batch[-1].id
        yield from batch
        session.expunge_all()


def _add(
    session: Session,
    tally: ReplayTally,
    person: Participant,
    in_force: Protocol,
    proposed: Protocol,
    since: date | None,
) -> None:
    pairs: list[VerdictPair] = []
    for case in read_cases(session, person, since):
        pair = compare_case(case, in_force.thresholds, proposed.thresholds)
        tally.unlike_record += pair.in_force.severity != case.recorded
        pairs.append(pair)
    pairs += read_missed_diaries(session, person, pairs, in_force, proposed, since)
    tally.add(person.study_number, pairs, read_onsets(session, person, since))
