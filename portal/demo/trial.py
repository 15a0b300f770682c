"""The demo trial as a whole: an empty database in, people with a past out, the same for the same seed and day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal import protocols
from portal.demo import diaries, joining, screened, texts, treatment, ward
from portal.demo.life import ParticipantLife
from portal.demo.roster import DemoParticipant, build_roster
from portal.demo.team import DemoStaff, create_team, fill_rota
from portal.domain.errors import Conflict
from portal.models.base import Transaction
from portal.models.diary import Diary
from portal.models.enrolment import Screening
from portal.models.infusions import Infusion
from portal.models.messages import Message
from portal.models.people import Participant, Staff
from portal.models.triage import Episode, Flag


@dataclass(frozen=True, slots=True)
class FreshReport:
    """A report of the last hours: what is new, by whom if possible, how long ago, how long ago somebody claimed it.

    ``what`` None: a warning sign that is saved and not sent. ``worse``: a second report, and how long ago.
    ``bilirubin_ago``: when the laboratory's result was entered.
    """

    what: str | None
    arm: str
    ago: timedelta
    claimed_ago: timedelta | None = None
    worse: tuple[str, timedelta] | None = None
    bilirubin_ago: timedelta | None = None


FRESH: Final = (
    FreshReport("bloody-stool", "imsc", timedelta(minutes=12)),
    FreshReport(None, "control", timedelta(minutes=4)),
    FreshReport("new-rash", "control", timedelta(minutes=95)),
    FreshReport(
        "fever", "control", timedelta(minutes=50), timedelta(minutes=41), worse=("higher-fever", timedelta(minutes=8))
    ),
    FreshReport("jaundice", "imsc", timedelta(minutes=200), bilirubin_ago=timedelta(minutes=25)),
    FreshReport("nausea", "control", timedelta(minutes=170)),
)
CHANGES: Final = (treatment.move_next, treatment.hold_next)


@dataclass(frozen=True, slots=True)
class DemoTrial:
    people: tuple[DemoParticipant, ...]
    staff: tuple[DemoStaff, ...]


def is_empty(session: Session) -> bool:
    """Neither a participant nor a member of staff."""
    return not session.scalar(select(exists(select(Participant.id)) | exists(select(Staff.id))))


def build_trial(transaction: Transaction, *, participants: int, seed: int, now: datetime) -> DemoTrial:
    """Live every participant's time in the trial up to ``now``, in one transaction each, by the portal's own services.

    ``Conflict`` when the database holds anybody already.
    """
    protocol = protocols.load_protocol()
    today = now.astimezone(ZoneInfo(protocol.timezone)).date()
    people = build_roster(participants=participants, seed=seed, today=today)
    with transaction() as session:
        if not is_empty(session):
            raise Conflict("The database holds people already. The demo trial needs an empty one.")
        opened_at = now - timedelta(days=(today - people[0].enrolled_on).days + 7)
        team = create_team(session, seed=seed, now=opened_at)
        screened.import_demo_list(session, team=team, people=people, seed=seed, now=opened_at)
    sudden = _sudden(people, today)
    changed = _changed(people, today, sudden)
    for person in people:
        with transaction() as session:
            life = ParticipantLife(session, person, team, protocol, seed, now, today)
            _live(life, sudden.get(person.number), changed.get(person.number))
    with transaction() as session:
        texts.settle_messages(session, seed=seed, now=now)
        fill_rota(session, team=team, now=now)
        screened.add_other_screenings(session, team=team, protocol=protocol, seed=seed, now=now, today=today)
    return DemoTrial(people, team.staff)


def _live(life: ParticipantLife, fresh: FreshReport | None, change: int | None) -> None:
    joining.plan_enrolment(life)
    if change is not None:
        CHANGES[change](life, life.until - timedelta(hours=5))
    if fresh is not None:
        _plan_fresh(life, fresh)
    life.run()
    texts.record_messages(life)


def _plan_fresh(life: ParticipantLife, fresh: FreshReport) -> None:
    at = life.until - fresh.ago
    life.last_day, life.unattended_from = life.day(at) - timedelta(days=1), at
    if fresh.what is None:
        life.plan(at, partial(diaries.leave_unfinished, life))
    else:
        diaries.add_diary(life, at, fresh.what)
    if fresh.claimed_ago is not None:
        life.plan(life.until - fresh.claimed_ago, partial(ward.claim_new_episodes, life))
    if fresh.worse is not None:
        what, ago = fresh.worse
        diaries.add_diary(life, life.until - ago, what)
    if fresh.bilirubin_ago is not None:
        life.plan(life.until - fresh.bilirubin_ago, partial(ward.enter_bilirubin, life))


def _sudden(people: tuple[DemoParticipant, ...], today: date) -> Mapping[int, FreshReport]:
    """By number of a person; the well first. Two of three people at least stay out of it."""
    able = [person for person in reversed(people) if _is_able(person, today)]
    able.sort(key=lambda person: person.course.strength((today - person.transplant_on).days))
    chosen: dict[int, FreshReport] = {}
    for fresh in FRESH[: max(1, len(able) // 3)]:
        person = next((one for one in able if one.arm == fresh.arm), able[0]) if able else None
        if person is not None:
            able.remove(person)
            chosen[person.number] = fresh
    return chosen


def _is_able(person: DemoParticipant, today: date) -> bool:
    """Has a diary today, and has had some days of it."""
    day = (today - person.transplant_on).days
    enrolled = (today - person.enrolled_on).days
    return person.activated and len(person.holders) == 1 and 10 <= day <= 99 and enrolled >= 3


def _changed(people: tuple[DemoParticipant, ...], today: date, sudden: Mapping[int, FreshReport]) -> Mapping[int, int]:
    """Number of a person -> place in ``CHANGES``: the newest of the trial arm who have infusions ahead."""
    able = [
        person.number
        for person in reversed(people)
        if person.activated and person.arm == "imsc" and person.number not in sudden
        and 3 <= (today - person.enrolled_on).days <= 20
    ]  # fmt: skip
    return {number: place for place, number in enumerate(able[: len(CHANGES)])}


def count_trial(session: Session) -> dict[str, object]:
    """What there is, for the last line that the command prints."""
    whole = {"participants": Participant, "staff": Staff, "diaries": Diary, "flags": Flag}
    numbers: dict[str, object] = {
        name: session.scalar(select(func.count()).select_from(model)) for name, model in whole.items()
    }
    for name, column in (
        ("infusions", Infusion.state),
        ("episodes", Episode.state),
        ("texts", Message.state),
        ("screenings", Screening.state),
    ):
        numbers[name] = dict(sorted(Counter(session.scalars(select(column))).items()))
    return numbers
