"""A virtual participant's true course: what each organ does on each day, and the grade that follows from it.

The grade comes from the MAGIC table (``domain.magic``); chance comes in as a ``Random``, so that a seed repeats it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log
from random import Random
from typing import Final, Literal

from portal.domain.magic import Grade, at_least, liver_stage, lower_gi_stage, skin_stage
from portal.domain.protocol import Protocol
from portal.domain.scales import MAGIC_COUNTING, StoolScale, StoolVolume, possible_scales
from portal.simulation.published import published_value, published_values

Kind = Literal["skin", "upper_gi", "lower_gi", "liver"]
ORGANS: Final[tuple[Kind, ...]] = ("skin", "upper_gi", "lower_gi", "liver")
# What an organ's value is at each stage: per cent of the body, mL a day (mL per kg for a child), mg/dL.
BANDS: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "skin": ((4, 24.9), (25, 50), (50.1, 90), (50.1, 90)),
    "lower_gi": ((500, 999), (1000, 1500), (1501, 3000), (1000, 3000)),
    "lower_gi_child": ((10, 19.9), (20, 30), (30.1, 60), (20, 60)),
    "liver": ((2, 3), (3.1, 6), (6.1, 15), (15.1, 30)),
    "upper_gi": ((2, 4),),
}


@dataclass(frozen=True, slots=True)
class OrganIllness:
    """One organ from its first day: it rises, stays and falls. ``severe``: it carries the signs of stage 4."""

    organ: Kind
    first_day: int
    rise: int
    plateau: int
    fall: int
    peak: float
    severe: bool = False

    def amount(self, day: int) -> float:
        since = day - self.first_day
        if since < 0:
            return 0.0
        if since < self.rise:
            return self.peak * (since + 1) / self.rise
        left = self.rise + self.plateau + self.fall - since
        return self.peak * max(0.0, min(1.0, left / self.fall))

    def at_peak(self, day: int) -> bool:
        return self.rise - 1 <= day - self.first_day < self.rise + self.plateau


@dataclass(frozen=True, slots=True)
class SimulatedParticipant:
    """``completion``: the chance of a diary on a day. ``other`` is trouble that is not GVHD."""

    age: int
    weight_kg: Decimal
    enrolled_day: int
    infusion_days: tuple[int, ...]
    completion: float
    illnesses: tuple[OrganIllness, ...]
    other: tuple[OrganIllness, ...]
    fever_days: frozenset[int]
    appetite_until: int
    appetite_score: int

    @property
    def scale(self) -> StoolScale:
        return possible_scales(self.age, self.weight_kg, MAGIC_COUNTING)[0]


def draw_participant(throw: Random, protocol: Protocol) -> SimulatedParticipant:
    """Draw one participant; illness begins after enrolment, as the trial admits nobody who is ill before."""
    enrolled = throw.randint(protocol.eligibility.day_min, protocol.eligibility.day_max)
    age = throw.randint(protocol.eligibility.age_min, protocol.eligibility.age_max)
    weight = Decimal(throw.randint(380, 620) if age < 18 else throw.randint(450, 900)) / 10
    child = possible_scales(age, weight, MAGIC_COUNTING)[0] is StoolScale.CHILD
    start, last = throw.randint(1, protocol.eligibility.first_treatment_within_days), protocol.diary.last_study_day
    spacing = protocol.infusions.spacing_days
    days = tuple(enrolled + start + place * 7 // 2 for place in range(protocol.infusions.count))
    low, high, mean = published_values("completion")
    return SimulatedParticipant(
        age=age,
        weight_kg=weight,
        enrolled_day=enrolled,
        infusion_days=days if throw.random() < 0.5 and spacing <= 7 // 2 else (),
        completion=throw.triangular(low, high, 3 * mean - low - high),
        illnesses=_gvhd(throw, enrolled, last, child=child),
        other=tuple(_other(throw, enrolled, last, child=child)),
        fever_days=_fever(throw, enrolled, last),
        appetite_until=_appetite_until(throw),
        appetite_score=throw.choices((1, 2, 3), published_values("appetite-score"))[0],
    )


def grade_of_day(person: SimulatedParticipant, day: int) -> Grade:
    """The true grade of the day."""
    amounts = {one.organ: one.amount(day) for one in person.illnesses}
    severe = {one.organ for one in person.illnesses if one.severe and one.at_peak(day)}
    rash, stool = Decimal(repr(amounts.get("skin", 0.0))), Decimal(repr(amounts.get("lower_gi", 0.0)))
    return at_least(
        skin=skin_stage(rash, bullae="skin" in severe, desquamation_percent=Decimal(10)),
        liver=liver_stage(Decimal(repr(amounts.get("liver", 0.0)))),
        upper_gi=int(all(_is_sick(person, day - back) for back in range(3))),
        lower_gi=lower_gi_stage(StoolVolume(person.scale, stool), gross_blood="lower_gi" in severe),
    )


def _is_sick(person: SimulatedParticipant, day: int) -> bool:
    return any(one.organ == "upper_gi" and round(one.amount(day)) >= 1 for one in person.illnesses)


def _gvhd(throw: Random, enrolled: int, last: int, *, child: bool) -> tuple[OrganIllness, ...]:
    """The highest grade is drawn first, then organs and stages until they make that grade."""
    one, two, severe = published_values("grades")
    wanted = throw.choices(("", "I", "II", "III-IV"), (1 - one - two - severe, one, two, severe))[0]
    if not wanted:
        return ()
    if wanted == "III-IV":
        wanted = "IV" if throw.random() < published_value("grade-iv") else "III"
    stages = _stages(throw, Grade(wanted))
    onset = _onset(throw, enrolled, last)
    chosen = throw.sample(list(stages), len(stages))
    lags = [throw.randint(0, 7) if place else 0 for place in range(len(chosen))]
    return tuple(
        _illness(throw, organ, stages[organ], onset + lag, child=child) for organ, lag in zip(chosen, lags, strict=True)
    )


def _stages(throw: Random, wanted: Grade) -> dict[Kind, int]:
    while True:
        stages = _any_stages(throw, up_to=4 if wanted is Grade.IV else 3)
        everywhere = {organ: stages.get(organ, 0) for organ in ORGANS}
        if at_least(**everywhere) is wanted:
            return stages


def _any_stages(throw: Random, *, up_to: int) -> dict[Kind, int]:
    skin, gut, liver = (throw.random() < share for share in published_values("organs"))
    where = throw.choices(("above", "below", "both"), published_values("upper-gut"))[0] if gut else ""
    found: dict[Kind, int] = {}
    present = {"skin": skin, "lower_gi": where in ("below", "both"), "liver": liver}
    for organ in ("skin", "lower_gi", "liver"):
        if present[organ]:
            stage = throw.choices((1, 2, 3), published_values("stages"))[0]
            found[organ] = up_to if stage == 3 and throw.random() < 0.5 else stage
    return found | ({"upper_gi": 1} if where in ("above", "both") else {})


def _onset(throw: Random, enrolled: int, last: int) -> int:
    median, spread = published_values("onset-day")
    while True:
        day = round(median * throw.lognormvariate(0, spread))
        if enrolled < day <= last:
            return day


def _illness(throw: Random, organ: Kind, stage: int, day: int, *, child: bool) -> OrganIllness:
    band = BANDS["lower_gi_child" if child and organ == "lower_gi" else organ][stage - 1]
    rise, plateau, fall = (_between(throw, name) for name in ("rise-days", "plateau-days", "fall-days"))
    rise = max(rise, 3) if organ == "upper_gi" else rise
    return OrganIllness(organ, day, rise, plateau, fall, throw.uniform(*band), severe=stage == 4 and organ != "liver")


def _between(throw: Random, name: str) -> int:
    low, high = published_values(name)
    return throw.randint(int(low), int(high))


def _other(throw: Random, enrolled: int, last: int, *, child: bool) -> Sequence[OrganIllness]:
    found = []
    if throw.random() < published_value("other-diarrhoea"):
        peak = throw.uniform(8, 20) if child else throw.uniform(400, 1000)
        found.append(OrganIllness("lower_gi", throw.randint(enrolled, last), 1, throw.randint(1, 3), 3, peak))
    if throw.random() < published_value("other-rash"):
        found.append(
            OrganIllness("skin", throw.randint(enrolled, last), 1, throw.randint(2, 4), 5, throw.uniform(3, 20))
        )
    return found


def _fever(throw: Random, enrolled: int, last: int) -> frozenset[int]:
    if throw.random() >= published_value("other-fever"):
        return frozenset()
    first = throw.randint(enrolled, last)
    return frozenset(range(first, first + throw.randint(2, 4)))


def _appetite_until(throw: Random) -> int:
    """The last study day with a poor appetite: an exponential curve through both published points; -1 for none."""
    at_once, later = published_values("appetite")
    if throw.random() >= at_once:
        return -1
    return int(throw.expovariate(_decay(at_once, later)))


def _decay(at_once: float, later: float) -> float:
    return log(at_once / later) / 30
