"""After the retention period identifiers are erased; the study data stay, under the study number.

What is blanked is read from the models: every encrypted column of a row about the participant but for what ``KEPT``
names, so that a new table is not forgotten. The participant's data key goes last, and makes the participant's values
in the audit log, and the photographs, unreadable.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Mapper, Session

from portal import protocols
from portal.domain import participation
from portal.domain.access import Actor
from portal.domain.diary import local_day
from portal.domain.errors import NotFound
from portal.domain.retention import (
    IdentifierHolding,
    IdentifiersErased,
    age_only_birthday,
    keep_until,
    remove_identifiers,
)
from portal.models import Base, locking
from portal.models.base import Encrypted, Transaction
from portal.models.diary import DiaryDraft
from portal.models.enrolment import Consent, Screening
from portal.models.messages import InboundText, Message
from portal.models.participation import ParticipationStep
from portal.models.people import AccessCard, Account, Participant, ParticipantKey
from portal.models.photos import Photo
from portal.models.sign_in import RememberedPhone
from portal.services import audit

# Structured findings, and what a signature is bound to together with the signer's printed name.
DECIDED: Final = frozenset(("criteria", "sensitive_refused", "elsewhere"))
SIGNED: Final = ("cause", "treatment", "note", "change_reason")
KEPT: Final = frozenset(
    (
        "infusion.vital_signs",
        "signature.name",
        "data_lock.lifted_name",
        *(f"assessment.{name}" for name in SIGNED),
    )
)


def list_holdings(session: Session) -> tuple[IdentifierHolding, ...]:
    """Everybody whose identifiers are there, by study number, then the screenings that ended without an enrolment."""
    return (*_participants(session), *_screenings(session))


def _participants(session: Session) -> Iterator[IdentifierHolding]:
    over = [str(state) for state in participation.ParticipationStatus if participation.has_ended(state)]
    ended = select(ParticipationStep.participant_id, func.max(ParticipationStep.at).label("at"))
    last = ended.where(ParticipationStep.to_state.in_(over)).group_by(ParticipationStep.participant_id).subquery()
    rows = session.execute(
        select(Participant.study_number, Participant.status, Participant.timezone, Participant.enrolled_on, last.c.at)
        .join(ParticipantKey, ParticipantKey.participant_id == Participant.id)
        .outerjoin(last, last.c.participant_id == Participant.id)
        .order_by(Participant.study_number)
    )
    for number, status, zone, enrolled_on, at in rows:
        ended_on = local_day(at, zone) if at else enrolled_on
        yield IdentifierHolding(number, _until(ended_on) if participation.has_ended(status) else None)


def _screenings(session: Session) -> Iterator[IdentifierHolding]:
    rows = session.scalars(select(Screening).where(Screening.participant_id.is_(None)).order_by(Screening.number))
    for row in rows:
        if "name" in row.answers:
            yield IdentifierHolding(row.number, _until(_last_day(row)))


def _last_day(row: Screening) -> date:
    return row.decided_on or local_day(row.updated_at, protocols.load_protocol().timezone)


def _until(ended_on: date) -> date:
    protocol = protocols.load_protocol()
    return keep_until(
        years=protocol.retention.identifier_years,
        trial_ends_on=protocol.registry.completion_on,
        ended_on=ended_on,
    )


def erase_identifiers(session: Session, *, actor: Actor, number: str, now: datetime) -> tuple[str, ...]:
    """Erase one; the names of the files that have to go once this is committed.

    NotFound for nobody, ``Erased`` the second time, ``Conflict`` for who takes part and before the day.
    """
    person = session.scalars(select(Participant).where(Participant.study_number == number).with_for_update())
    participant = person.one_or_none()
    held = next((one for one in list_holdings(session) if one.number == number), None)
    if held is None:
        raise IdentifiersErased if participant else NotFound
    held.check_due(local_day(now, protocols.load_protocol().timezone))
    audit.begin(
        session, actor=actor, action="retention:erase", now=now, reason=f"{number}, kept until {held.keep_until}"
    )
    if participant is None:
        _forget_screening(session, session.scalars(select(Screening).where(Screening.number == number)).one())
        return ()
    audit.begin(session, actor=actor, action="retention:erase", now=now, participant_id=participant.id)
    return _forget(session, participant)


def erase_due(
    begin: Transaction, *, actor: Actor, files: Path, now: datetime, only: str | None = None
) -> tuple[str, ...]:
    """Erase everybody who is due, each in a transaction of its own, or ``only`` one; the numbers."""
    today = local_day(now, protocols.load_protocol().timezone)
    with begin() as session:
        due = [only] if only else [one.number for one in list_holdings(session) if one.is_due(today)]
    for number in due:
        with begin() as session:
            names = erase_identifiers(session, actor=actor, number=number, now=now)
        for name in names:
            (files / name).unlink(missing_ok=True)
    return tuple(due)


def _forget(session: Session, participant: Participant) -> tuple[str, ...]:
    locking.bypass_locks(session, participant.id)
    for mapper in _about_people():
        owner = mapper.class_.id if mapper.class_ is Participant else mapper.class_.participant_id
        for row in session.scalars(select(mapper.class_).where(owner == participant.id)):
            _blank(mapper, row)
    session.flush()
    _close(session, participant.id)
    for screening in session.scalars(select(Screening).where(Screening.participant_id == participant.id)):
        _end_key(session, screening)
    names = tuple(session.scalars(select(Photo.name).where(Photo.participant_id == participant.id)))
    session.delete(session.get_one(ParticipantKey, participant.id))
    session.flush()
    return names


def _about_people() -> Iterator[Mapper[Any]]:
    for mapper in Base.registry.mappers:
        if mapper.class_ is Participant or "participant_id" in mapper.columns:
            yield mapper


def _blank(mapper: Mapper[Any], row: Any) -> None:
    for column in mapper.columns:
        place = f"{mapper.class_.__tablename__}.{column.name}"
        if isinstance(column.type, Encrypted) and place not in KEPT and getattr(row, column.name) is not None:
            way = WAYS.get(place)
            setattr(row, column.name, way(row) if way else None if column.nullable else "")


def _without_reasons(row: Any) -> Mapping[str, str]:
    return dict.fromkeys(row.deviations, "")


def _graded(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.reaction.items() if name == "grade"}


def _decision(row: Screening) -> dict[str, Any]:
    return {name: value for name, value in (row.decision or {}).items() if name in DECIDED}


WAYS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "participant.born_on": lambda row: age_only_birthday(
        date.fromisoformat(row.born_on), enrolled_on=row.enrolled_on
    ).isoformat(),
    "screening.answers": lambda row: remove_identifiers(row.answers, on=_last_day(row)),
    "screening.decision": _decision,
    "infusion.deviations": _without_reasons,
    "infusion.reaction": _graded,
}


def _forget_screening(session: Session, row: Screening) -> None:
    row.answers = remove_identifiers(row.answers, on=_last_day(row))
    row.decision = _decision(row) if row.decision else None
    for consent in session.scalars(select(Consent).where(Consent.screening_id == row.id)):
        consent.signer = None
    session.flush()
    _end_key(session, row)


def _end_key(session: Session, row: Screening) -> None:
    if row.key is not None:
        session.delete(row.key)
        session.flush()


def _close(session: Session, participant_id: int) -> None:
    """What would still lead to the person: numbers, cards, sessions, the provider's own ids, what was never sent."""
    accounts = session.scalars(select(Account).where(Account.participant_id == participant_id)).all()
    for account in accounts:
        account.phone_index = account.pin_hash = account.feed_index = account.activated_at = None
        account.epoch += 1
    ids = [account.id for account in accounts]
    for card in session.scalars(select(AccessCard).where(AccessCard.account_id.in_(ids))):
        card.code_index = token_bytes(32)
    for phone in session.scalars(select(RememberedPhone).where(RememberedPhone.account_id.in_(ids))):
        phone.token_hash, phone.before_hash, phone.label = token_bytes(32), None, ""
    for message in session.scalars(select(Message).where(Message.participant_id == participant_id)):
        message.provider_id = None
    for inbound in session.scalars(select(InboundText).where(InboundText.participant_id == participant_id)):
        inbound.provider_id = f"erased-{inbound.id}"
    session.execute(delete(DiaryDraft).where(DiaryDraft.account_id.in_(ids)))
    session.flush()
