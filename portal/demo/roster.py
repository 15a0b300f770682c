"""Who is in the demo trial: made from the seed and the day alone, before anything is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final, Literal

from portal.demo import names
from portal.demo.courses import COURSES, SymptomCourse, draw_course
from portal.demo.dice import seeded_random
from portal.domain import credentials
from portal.domain.access import Role

NOT_ACTIVATED: Final = 2
YOUNGEST_DAY, OLDEST_DAY = 8, 150
CHILD_WEIGHT: Final = Decimal("45.0")
PATTERNS: Final = ((1, 4), (2, 5))
Arm = Literal["imsc", "control"]


@dataclass(frozen=True, slots=True)
class CardHolderAccount:
    """Somebody with a card. No PIN: the card has not been used yet."""

    role: Role
    name: str
    phone: str
    card_code: str
    pin: str | None


@dataclass(frozen=True, slots=True)
class DemoParticipant:
    """One participant. ``adherence`` is the chance of a diary on a day, ``habit`` the usual local time for it."""

    number: int
    study_number: str
    arm: Arm
    name: str
    language: str
    born_on: date
    weight_kg: Decimal
    transplant_on: date
    enrolled_on: date
    weekdays: tuple[int, int]
    reminder_at: time
    reminders_on: bool
    adherence: float
    habit: time
    course: SymptomCourse
    holders: tuple[CardHolderAccount, ...]

    @property
    def activated(self) -> bool:
        return self.holders[0].pin is not None


def build_roster(*, participants: int, seed: int, today: date) -> tuple[DemoParticipant, ...]:
    """In the order of enrolment: half in each arm, the last two with cards that nobody has used."""
    throw = seeded_random(seed, "roster")
    arms = _arms(participants, throw)
    kinds = _kinds(participants, throw)
    child = _child(arms)
    people = []
    for rank in reversed(range(participants)):
        number = participants - rank
        people.append(
            _person(number, rank, _RosterPlan(participants, arms[rank], kinds[rank], rank == child), seed, today)
        )
    return tuple(people)


@dataclass(frozen=True, slots=True)
class _RosterPlan:
    """What the whole roster decides for one of its people."""

    participants: int
    arm: Arm
    kind: str
    child: bool


def _arms(count: int, throw: Random) -> list[Arm]:
    """Drawn in pairs, by rank: 0 is the newest."""
    arms: list[Arm] = []
    for _ in range(0, count, 2):
        pair: list[Arm] = ["imsc", "control"]
        throw.shuffle(pair)
        arms += pair
    return arms[:count]


def _kinds(count: int, throw: Random) -> list[str]:
    """Every course appears as soon as there are people enough."""
    kinds = [COURSES[place % len(COURSES)] for place in range(count)]
    throw.shuffle(kinds)
    return kinds


def _child(arms: Sequence[Arm]) -> int:
    """The rank of the 15-year-old, in the trial arm and some weeks after enrolment."""
    middle = max(NOT_ACTIVATED, len(arms) // 3) // 2 * 2
    return middle if arms[middle] == "imsc" else middle + 1


def _person(number: int, rank: int, lot: _RosterPlan, seed: int, today: date) -> DemoParticipant:
    throw = seeded_random(seed, "person", number)
    day = YOUNGEST_DAY + round((OLDEST_DAY - YOUNGEST_DAY) * (rank / (lot.participants - 1)) ** 2.3)
    transplant_on = today - timedelta(days=day)
    enrolled_on = _enrolled_on(transplant_on, min(21, day - 1), throw)
    is_english = rank % 7 == 1
    name = names.english_name(rank // 7) if is_english else names.chinese_name(throw)
    born_on = _born_on(15 if lot.child else throw.randint(18, 70), enrolled_on, throw)
    course = draw_course("gut" if lot.child else lot.kind, throw)
    return DemoParticipant(
        number=number,
        study_number=f"RJ-{number:03}",
        arm=lot.arm,
        name=name,
        language="en" if is_english else "zh-CN",
        born_on=born_on,
        weight_kg=CHILD_WEIGHT if lot.child else Decimal(throw.randint(460, 860)) / 10,
        transplant_on=transplant_on,
        enrolled_on=enrolled_on,
        weekdays=throw.choice(PATTERNS),
        reminder_at=time(throw.choice((18, 19, 19, 19, 20))),
        reminders_on=lot.child or throw.random() > 0.06,
        adherence=throw.choice((0.98, 0.96, 0.95, 0.92, 0.88, 0.8)),
        habit=time(throw.choice((8, 9, 12, 17, 18, 19, 19, 20, 20)), throw.randrange(60)),
        course=course,
        holders=_holders(number, name, born_on, activated=rank >= NOT_ACTIVATED, child=lot.child, throw=throw),
    )


def _enrolled_on(transplant_on: date, latest: int, throw: Random) -> date:
    """A study day from 7 on, a weekday where there is one."""
    days = [transplant_on + timedelta(days=day) for day in range(7, latest + 1)]
    return throw.choice([day for day in days if day.isoweekday() < 6] or days)


def _born_on(age: int, on: date, throw: Random) -> date:
    """A birthday that makes the person this old on the day and for some weeks after."""
    return date(on.year - age, on.month, min(on.day, 28)) - timedelta(days=throw.randrange(200))


def _holders(
    number: int, name: str, born_on: date, *, activated: bool, child: bool, throw: Random
) -> tuple[CardHolderAccount, ...]:
    def holder(role: Role, who: str, phone: int) -> CardHolderAccount:
        code = credentials.new_card_code(throw.choice)
        return CardHolderAccount(role, who, f"+861990000{phone:04}", code, _pin(born_on, throw) if activated else None)

    own = holder(Role.PARTICIPANT, name, number)
    if not child:
        return (own,)
    return own, holder(Role.GUARDIAN, name[0] + "淑敏", 9000 + number)


def _pin(born_on: date, throw: Random) -> str:
    while True:
        pin = f"{throw.randrange(1_000_000):06}"
        if credentials.pin_problem(pin, born_on=born_on) is None:
            return pin
