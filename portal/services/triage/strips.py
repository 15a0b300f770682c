"""The last days of every organ at a glance: what each day's reports raised, and on which days nothing came."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.alert_rules import Severity
from portal.domain.diary import first_due_day, last_due_day, local_day
from portal.models.diary import Diary
from portal.models.people import Participant
from portal.models.triage import Flag

STRIP_DAYS = 14
Level = Literal["quiet", "amber", "red", "missed", "outside"]
Sent = Collection[tuple[int, date]]
Highest = Mapping[tuple[int, str, date], Severity]
Strips = Mapping[int, Mapping[str, tuple["StripDay", ...]]]


@dataclass(frozen=True, slots=True)
class StripDay:
    """``quiet``: a report that raised nothing for the organ; ``outside``: none was due, or today's may still come."""

    on: date
    level: Level


class DiaryOwner(Protocol):
    """A participant, or a row with these columns of one: the name and the birthday stay ciphertext."""

    @property
    def id(self) -> int: ...
    @property
    def transplant_on(self) -> date: ...
    @property
    def enrolled_on(self) -> date: ...
    @property
    def timezone(self) -> str: ...


# The day that a flag is about, also of a red answer whose diary is not sent yet.
ABOUT_ON: Final = func.coalesce(Diary.diary_on, Flag.diary_on, type_=Diary.diary_on.type)
DATES: Final = (Participant.id, Participant.transplant_on, Participant.enrolled_on, Participant.timezone)


@dataclass(frozen=True, slots=True)
class DiarySpan:
    """The days on which a participant owes a diary, and today, all local."""

    participant_id: int
    first_on: date
    last_on: date
    today_on: date

    @classmethod
    def of(cls, participant: DiaryOwner, now: datetime) -> "DiarySpan":
        plan = protocols.load_protocol().diary
        return cls(
            participant_id=participant.id,
            first_on=first_due_day(plan, transplant_on=participant.transplant_on, enrolled_on=participant.enrolled_on),
            last_on=last_due_day(plan, transplant_on=participant.transplant_on),
            today_on=local_day(now, participant.timezone),
        )


def list_strips(
    session: Session, *, spans: Iterable[DiarySpan], organs: Iterable[str], days: int = STRIP_DAYS
) -> Strips:
    """By participant and organ the last ``days`` days, oldest first. Always two statements."""
    people = {span.participant_id: span for span in spans}
    since = min((span.today_on for span in people.values()), default=date.max) - timedelta(days=days - 1)
    sent = _sent(session, people, since)
    raised = highest_by_day(_raised(session, people, since))
    wanted = tuple(dict.fromkeys(organs))
    return {
        key: {organ: build_strip(span, organ, sent=sent, raised=raised, days=days) for organ in wanted}
        for key, span in people.items()
    }


def build_strip(span: DiarySpan, organ: str, *, sent: Sent, raised: Highest, days: int) -> tuple[StripDay, ...]:
    """One organ's last ``days`` days, oldest first, of what has been read already."""
    return tuple(_day(span, organ, on, sent, raised) for on in _days(span, days))


def highest_by_day(flags: Iterable[tuple[int, str, date, str]]) -> Highest:
    """Of (participant, organ, day, severity) the highest severity of each organ and day."""
    found: dict[tuple[int, str, date], Severity] = {}
    for participant_id, organ, on, severity in flags:
        key = (participant_id, organ, on)
        found[key] = max(found.get(key, Severity.AMBER), Severity(severity), key=lambda level: level.rank)
    return found


def _days(span: DiarySpan, days: int) -> list[date]:
    return [span.today_on - timedelta(days=back) for back in reversed(range(days))]


def _sent(session: Session, people: Iterable[int], since: date) -> set[tuple[int, date]]:
    rows = session.execute(
        select(Diary.participant_id, Diary.diary_on)
        .where(Diary.participant_id.in_(people), Diary.diary_on >= since)
        .distinct()
    )
    return {(participant_id, on) for participant_id, on in rows}


def _raised(session: Session, people: Iterable[int], since: date) -> Iterable[tuple[int, str, date, str]]:
    rows = session.execute(
        select(Flag.participant_id, Flag.organ, ABOUT_ON, Flag.severity)
        .outerjoin(Diary, Diary.id == Flag.diary_id)
        .where(Flag.participant_id.in_(people), since <= ABOUT_ON, Flag.corrected_at.is_(None))
        .distinct()
    )
    return ((participant_id, organ, on, severity) for participant_id, organ, on, severity in rows)


def _day(
    span: DiarySpan,
    organ: str,
    on: date,
    sent: Sent,
    raised: Highest,
) -> StripDay:
    severity = raised.get((span.participant_id, organ, on))
    if severity is not None:
        return StripDay(on, "red" if severity is Severity.RED else "amber")
    if (span.participant_id, on) in sent:
        return StripDay(on, "quiet")
    missed = span.first_on <= on <= span.last_on and on < span.today_on
    return StripDay(on, "missed" if missed else "outside")
