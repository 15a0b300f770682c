"""The diaries of one participant: on most days, at the usual hour, sometimes late, sometimes not at all."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from types import MappingProxyType
from typing import Final

from portal.demo import courses, ward
from portal.demo.courses import Answers
from portal.demo.dice import random_minutes, seeded_random
from portal.demo.life import ParticipantLife
from portal.domain.access import Actor
from portal.domain.diary import first_due_day, last_due_day
from portal.services import diary

LATE, BEYOND = 0.03, 0.006
GUARDIAN_ANSWERS: Final = 0.7
NOTHING: Final[Answers] = {}
UNFINISHED: Final = {"temperature-taken": "no", "warning-signs": ["chest-pain"]}
SUDDEN: Final[Mapping[str, Answers]] = MappingProxyType(
    {
        "bloody-stool": courses.stool_answers(0.97, seeded_random("bloody-stool")),
        "new-rash": courses.rash_answers(0.25, seeded_random("new-rash")),
        "fever": courses.temperature_answers("38.7"),
        "higher-fever": courses.temperature_answers("39.8"),
        "jaundice": {"liver-signs": ("yellow",)},
        "nausea": {
            "stomach-trouble": True,
            "nausea": 3,
            "appetite-loss": 1,
            "vomiting-count": 0,
            "fluids-kept": True,
        },
    }
)


def plan_diaries(life: ParticipantLife, activated_at: datetime) -> None:
    """Plan every diary from the first day on."""
    plan, person = life.protocol.diary, life.person
    first = first_due_day(plan, transplant_on=person.transplant_on, enrolled_on=person.enrolled_on)
    last = min(last_due_day(plan, transplant_on=person.transplant_on), life.last_day)
    silent = _silent_days(life, first)
    for on in _days(first, last):
        throw = life.dice("diary", on)
        at = _entered_at(life, on, throw)
        if on not in silent and throw.random() < person.adherence and at > activated_at:
            life.plan(at, partial(_write, life, on, throw, NOTHING))


def add_diary(life: ParticipantLife, at: datetime, sudden: str) -> None:
    """A report with something new in it, at this hour."""
    life.plan(at, partial(_write, life, life.day(at), life.dice("sudden", sudden), SUDDEN[sudden]))


def leave_unfinished(life: ParticipantLife, at: datetime) -> None:
    """The first page of today's diary, with a warning sign, is saved, and the phone is put down."""
    client_id = str(uuid.UUID(int=life.dice("unfinished").getrandbits(128), version=4))
    diary.save_draft_page(
        life.session, actor=life.holders[0], diary_on=life.day(at), client_id=client_id, page="how-you-are",
        raw=UNFINISHED, now=at,
    )  # fmt: skip


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _silent_days(life: ParticipantLife, first: date) -> frozenset[date]:
    """Two or three days running without a word, of one participant in five."""
    throw = life.dice("silence")
    if throw.random() > 0.2:
        return frozenset()
    start = first + timedelta(days=throw.randint(3, 30))
    return frozenset(_days(start, start + timedelta(days=throw.randint(1, 2))))


def _entered_at(life: ParticipantLife, on: date, throw: Random) -> datetime:
    """The usual hour, give or take; a late one comes next morning, one beyond the limit in the afternoon."""
    luck, following = throw.random(), on + timedelta(days=1)
    if luck < BEYOND:
        return life.at(following, time(13)) + random_minutes(throw, 0, 240)
    if luck < BEYOND + LATE:
        return life.at(following, time(8)) + random_minutes(throw, 0, 220)
    return life.at(on, life.person.habit) + random_minutes(throw, -25, 90)


def _write(life: ParticipantLife, on: date, throw: Random, extra: Answers, at: datetime) -> None:
    language = life.person.language
    answers = _answers(life, on, throw) if not extra else courses.symptom_free_answers(throw) | extra
    submission = diary.Submission(
        client_id=str(uuid.UUID(int=throw.getrandbits(128), version=4)),
        diary_on=on,
        answers={**answers, "weight": _weight(life, on)},
        entered_at=at - random_minutes(throw, 0, 2),
        offset_minutes=480,
        language=language,
    )
    receipt = diary.submit_diary(life.session, actor=_writer(life, throw), submission=submission, now=at)
    if receipt.severity is not None and (life.unattended_from is None or at < life.unattended_from):
        ward.plan_claims(life, at)


def _answers(life: ParticipantLife, on: date, throw: Random) -> Answers:
    return courses.demo_answers(life.person.course, life.study_day(on), life.person.language, throw)


def _writer(life: ParticipantLife, throw: Random) -> Actor:
    """A guardian answers more often than the young person."""
    guardians = life.holders[1:]
    return guardians[0] if guardians and throw.random() < GUARDIAN_ANSWERS else life.holders[0]


def _weight(life: ParticipantLife, on: date) -> Decimal:
    """Down a little while somebody is ill. Kilograms to 0.1."""
    strength = life.person.course.strength(life.study_day(on))
    return round(life.person.weight_kg * (100 - round(strength * 4)) / 100, 1)
