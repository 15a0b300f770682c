"""What is held about a participant, for the participant: how much of what, and a copy of all of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain import participation
from portal.domain.access import Actor
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.exports import ArmDisplay, ExportOrder
from portal.domain.msgid import N_
from portal.domain.retention import keep_until
from portal.models import Base
from portal.models.people import Account, Participant
from portal.services import audit, exports, photos
from portal.services.exports import Sheet

GROUPS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (N_("Who you are, and what you have agreed to"), ("participant", "consent", "screening")),
    (N_("Your diaries, photographs and questions about them"), ("diary", "missed_diary", "photo", "diary_question")),
    (N_("Appointments, treatment and stays"), ("infusion", "visit", "stay", "participation", "data_lock")),
    (
        N_("What the ward did about your diaries"),
        ("episode", "flag", "episode_step", "escalation", "task", "data_query"),
    ),
    (N_("Laboratory values and doctors' assessments"), ("lab", "assessment", "signature")),
    (N_("Messages and phone calls"), ("message", "inbound_text", "phone_call")),
)
# Acts that only looked, and took away nothing from the record: a participant may know of them.
LOOKED: Final = ("identifiers:view", "screening:identify", "photo:view", "pack:make")


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """``count`` entries of one group; ``words`` is a msgid."""

    words: str
    count: int


@dataclass(frozen=True, slots=True)
class OwnDataOverview:
    """``kept_until``: the last day of names and numbers, for somebody who leaves today."""

    held: tuple[HeldGroup, ...]
    kept_until: date


@dataclass(frozen=True, slots=True)
class OwnDataCopy:
    """``data`` is ready for JSON; ``sheets`` hold the same as text; ``looks``: (when, role, action), newest first."""

    study_number: str
    made_at: datetime
    sheets: tuple[Sheet, ...]
    looks: tuple[tuple[datetime, str, str], ...]
    data: Mapping[str, Any]


def may_copy(actor: Actor) -> bool:
    """The participant and the guardian. A caregiver writes diaries and has no copy of the record."""
    return actor.role in participation.OWN


def get_overview(session: Session, *, actor: Actor, today: date) -> OwnDataOverview:
    """One statement, however much there is."""
    _check(actor)
    tables = {domain.name: Base.metadata.tables[domain.table] for domain in exports.load_domains()}
    counts = session.execute(
        select(
            *(
                select(func.count())
                .select_from(table)
                .where(_owner(table) == actor.participant_id)
                .scalar_subquery()
                .label(name)
                for name, table in tables.items()
            )
        )
    ).one()
    held = (HeldGroup(words, sum(getattr(counts, name) for name in names)) for words, names in GROUPS)
    protocol = protocols.load_protocol()
    return OwnDataOverview(
        held=tuple(one for one in held if one.count),
        kept_until=keep_until(
            years=protocol.retention.identifier_years, trial_ends_on=protocol.registry.completion_on, ended_on=today
        ),
    )


def _owner(table: Any) -> Any:
    return table.c.id if table.name == "participant" else table.c.participant_id


def _check(actor: Actor) -> None:
    if not may_copy(actor):
        raise NotAllowed


def make_copy(session: Session, *, actor: Actor, language: str, now: datetime) -> OwnDataCopy:
    """Everything of the data dictionary about the participant, as of now; that it was taken is in the audit log."""
    _check(actor)
    person = session.get(Participant, actor.participant_id)
    if person is None:
        raise NotFound
    audit.begin(session, actor=actor, action="own-data:copy", now=now, participant_id=person.id)
    order = ExportOrder(now, (person.site,), (), ArmDisplay.SHOWN, why="", identified=True)
    (subject,) = exports.read_subjects(session, order, study_number=person.study_number)
    looks = tuple((one.at, one.role, one.action) for one in reversed(subject.trail) if one.action in LOOKED)
    return OwnDataCopy(
        study_number=person.study_number,
        made_at=now,
        sheets=exports.build_form_sheets(subject, order, language=language),
        looks=looks,
        data={
            "study": protocols.load_protocol().nct_id,
            "study_number": person.study_number,
            "made_at": now.isoformat(),
            "account": _account(session, actor),
            "records": {domain.name: list(_rows(subject, domain.name)) for domain in exports.load_domains()},
            "looked_at": [{"at": at.isoformat(), "role": role, "act": act} for at, role, act in looks],
        },
    )


def _account(session: Session, actor: Actor) -> Mapping[str, Any]:
    row = session.get_one(Account, actor.id)
    return {
        "role": row.role,
        "name": row.name,
        "phone": row.phone,
        "language": row.language,
        "reminder_at": f"{row.reminder_at:%H:%M}",
        "reminders_on": row.reminders_on,
        "agreed_at": row.agreed_at and row.agreed_at.isoformat(),
        "agreed_version": row.agreed_version,
    }


def _rows(subject: exports.ExportSubject, name: str) -> Iterator[Mapping[str, Any]]:
    for row in subject.of(name):
        yield {"key": row.key, **{column.name: column.cell(row.values) for column in row.domain.columns}}


def list_pictures(session: Session, *, actor: Actor, folder: Path) -> Iterator[tuple[int, bytes]]:
    """Id and JPEG of the participant's own photographs, behind ``copy``."""
    _check(actor)
    person = session.get_one(Participant, actor.participant_id)
    yield from photos.list_participant_photos(session, study_number=person.study_number, folder=folder)
