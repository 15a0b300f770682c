"""The rows behind each number of the figures, a page at a time by key: what is added up there can be counted here."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.domain.diary import local_day
from portal.domain.flags import FLAGGED
from portal.domain.messages import DIARY_KINDS
from portal.domain.proportions import Cohort
from portal.domain.triage import Verb
from portal.models.clinical import MissedDiary, PhoneCall
from portal.models.diary import Diary
from portal.models.messages import Message
from portal.models.people import Participant
from portal.models.triage import Episode, EpisodeStep
from portal.services.figures.answering import alerts_of
from portal.services.figures.completing import ended_at

ON_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of a number. ``level``: red, amber or (a missed diary) listed. Study days and the month inclusive."""

    sites: Collection[str]
    now: datetime
    arm: str | None = None
    level: str | None = None
    first_day: int = 0
    last_day: int = 10_000
    month_on: date | None = None
    after: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [Participant.site.in_(self.sites)]
        return found if self.arm is None else [*found, Participant.arm == self.arm]

    @property
    def after_id(self) -> int:
        return int(self.after) if self.after.isdecimal() and len(self.after) < 18 else 0


@dataclass(frozen=True, slots=True)
class Behind:
    """One row; what its kind does not have is None. ``count`` of ``of`` diaries, or a number of calls or reminders."""

    study_number: str
    arm: str | None
    on: date | None = None
    at: datetime | None = None
    level: str | None = None
    count: int | None = None
    of: int | None = None
    diary_id: int | None = None
    episode_id: int | None = None
    organ: str | None = None
    seen_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """``next_after``: to be asked for next; None on the last page."""

    rows: tuple[Behind, ...]
    next_after: str | None


def rows(session: Session, kind: str, asked: Asked) -> Rows:
    """A page of one of ``KINDS``."""
    found = KINDS[kind](session, asked)
    shown = found[:ON_A_PAGE]
    return Rows(tuple(row for _, row in shown), str(shown[-1][0]) if len(found) > ON_A_PAGE else None)


Keyed = list[tuple[Any, Behind]]


def _people(session: Session, asked: Asked, *more: ColumnElement[bool]) -> Sequence[Any]:
    columns = (Participant.id, Participant.study_number, Participant.arm, Participant.transplant_on)
    ended, at = ended_at()
    return session.execute(
        select(*columns, Participant.enrolled_on, at.label("ended_at"))
        .outerjoin(ended, ended.c.participant_id == Participant.id)
        .where(*asked.conditions(), Participant.id > asked.after_id, *more)
        .order_by(Participant.id)
        .limit(ON_A_PAGE + 1)
    ).all()


def _completion(session: Session, asked: Asked) -> Keyed:
    """By participant how many diaries came of those owed on the study days that are asked for."""
    protocol = protocols.load()
    until_on = local_day(asked.now, protocol.timezone) - timedelta(days=1)
    people = _people(session, asked)
    sent: dict[int, set[int]] = {}
    days = session.execute(
        select(Diary.participant_id, Diary.study_day).where(
            Diary.participant_id.in_([one.id for one in people]), Diary.timing != "beyond", Diary.diary_on <= until_on
        )
    )
    for participant_id, day in days:
        sent.setdefault(participant_id, set()).add(day)
    found: Keyed = []
    for one in people:
        left_on = local_day(one.ended_at, protocol.timezone) if one.ended_at else None
        cohort = Cohort(one.arm, one.transplant_on, one.enrolled_on, left_on, 1)
        owed = {day for day in cohort.days_owed(protocol.diary, until_on=until_on) if _within(day, asked)}
        came = len(owed & sent.get(one.id, set()))
        found.append((one.id, Behind(one.study_number, one.arm, count=came, of=len(owed))))
    return found


def _within(day: int, asked: Asked) -> bool:
    return asked.first_day <= day <= asked.last_day


def _enrolled(session: Session, asked: Asked) -> Keyed:
    month = asked.month_on or date.min
    following = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    people = _people(session, asked, Participant.enrolled_on >= month, Participant.enrolled_on < following)
    return [(one.id, Behind(one.study_number, one.arm, on=one.enrolled_on)) for one in people]


def _reports(session: Session, asked: Asked) -> Keyed:
    levels = (asked.level,) if asked.level else [str(level) for level in FLAGGED]
    found = session.execute(
        select(Diary.id, Participant.study_number, Participant.arm, Diary.diary_on, Diary.severity)
        .join(Participant, Participant.id == Diary.participant_id)
        .where(*asked.conditions(), Diary.superseded_at.is_(None), Diary.severity.in_(levels))
        .where(Diary.id > asked.after_id)
        .order_by(Diary.id)
        .limit(ON_A_PAGE + 1)
    )
    return [(id_, Behind(number, arm, on=on, level=level, diary_id=id_)) for id_, number, arm, on, level in found]


def _missed(session: Session, asked: Asked) -> Keyed:
    level = MissedDiary.severity.is_(None) if asked.level == "listed" else MissedDiary.severity == asked.level
    found = session.execute(
        select(MissedDiary.id, Participant.study_number, Participant.arm, MissedDiary.missed_on, MissedDiary.in_row)
        .join(Participant, Participant.id == MissedDiary.participant_id)
        .where(*asked.conditions(), level, MissedDiary.id > asked.after_id)
        .order_by(MissedDiary.id)
        .limit(ON_A_PAGE + 1)
    )
    return [(id_, Behind(number, arm, on=on, count=in_row)) for id_, number, arm, on, in_row in found]


def _alerts(session: Session, asked: Asked) -> Keyed:
    """As the figures read them; a page of them is told with its participants."""
    after = tuple(int(part) for part in asked.after.split("-") if part.isdecimal())
    every = [one for one in alerts_of(session, asked.conditions()) if asked.level in (None, one.severity)]
    keyed = sorted(((int(one.at.timestamp() * 1_000_000), one.episode_id), one) for one in every)
    page = [(key, one) for key, one in keyed if key > after][: ON_A_PAGE + 1]
    episodes = _episodes(session, [one.episode_id for _, one in page])
    return [
        (
            f"{key[0]}-{key[1]}",
            Behind(
                episodes[one.episode_id].study_number,
                one.arm,
                at=one.at,
                level=one.severity,
                episode_id=one.episode_id,
                organ=episodes[one.episode_id].organ,
                seen_at=one.claimed_at,
                closed_at=one.closed_at,
            ),
        )
        for key, one in page
    ]


def _episodes(session: Session, ids: Collection[int]) -> dict[int, Any]:
    found = session.execute(
        select(Episode.id, Episode.organ, Participant.study_number)
        .join(Participant, Participant.id == Episode.participant_id)
        .where(Episode.id.in_(ids))
    )
    return {row.id: row for row in found}


def _closed(session: Session, asked: Asked) -> Keyed:
    found = session.execute(
        select(Episode.id, Episode.organ, Episode.closed_at, Episode.outcome, Participant.study_number, Participant.arm)
        .join(Participant, Participant.id == Episode.participant_id)
        .where(*asked.conditions(), Episode.outcome.is_not(None), Episode.severity == asked.level)
        .where(Episode.id > asked.after_id)
        .order_by(Episode.id)
        .limit(ON_A_PAGE + 1)
    )
    return [
        (
            one.id,
            Behind(
                one.study_number,
                one.arm,
                episode_id=one.id,
                organ=one.organ,
                closed_at=one.closed_at,
                outcome=one.outcome,
            ),
        )
        for one in found
    ]


def _calls(session: Session, asked: Asked) -> Keyed:
    steps = select(EpisodeStep.participant_id).where(EpisodeStep.kind == str(Verb.CONTACT))
    return _counted(session, asked, steps.union_all(select(PhoneCall.participant_id)).subquery())


def _reminders(session: Session, asked: Asked) -> Keyed:
    kinds = [str(kind) for kind in DIARY_KINDS]
    sent = select(Message.participant_id).where(Message.kind.in_(kinds), Message.sent_at.is_not(None))
    return _counted(session, asked, sent.subquery())


def _counted(session: Session, asked: Asked, events: Any) -> Keyed:
    """How many by participant."""
    found = session.execute(
        select(Participant.id, Participant.study_number, Participant.arm, func.count())
        .join(events, events.c.participant_id == Participant.id)
        .where(*asked.conditions(), Participant.id > asked.after_id)
        .group_by(Participant.id, Participant.study_number, Participant.arm)
        .order_by(Participant.id)
        .limit(ON_A_PAGE + 1)
    )
    return [(id_, Behind(number, arm, count=int(count))) for id_, number, arm, count in found]


KINDS: Final[Mapping[str, Callable[[Session, Asked], Keyed]]] = MappingProxyType(
    {
        "completion": _completion,
        "reports": _reports,
        "missed": _missed,
        "alerts": _alerts,
        "closed": _closed,
        "calls": _calls,
        "reminders": _reminders,
        "enrolled": _enrolled,
    }
)
