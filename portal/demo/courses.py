"""How people fare: invented courses after a transplant, as the answers of one day's diary.

Both arms draw from the same courses, so that the demo trial says nothing about iMSC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

Answers = dict[str, Any]

COURSES: Final = ("well", "skin", "gut", "well", "mixed", "well", "upper", "well", "fever", "well")
DOSE: Final = "immunosuppressant"
RASH: Final = (
    "trunk-front", "upper-arm-left-front", "upper-arm-right-front", "neck-front", "trunk-back", "head-front",
    "forearm-left-front", "forearm-right-front", "thigh-left-front", "thigh-right-front", "upper-arm-left-back",
    "upper-arm-right-back",
)  # fmt: skip
NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Slept badly.", "Walked in the corridor twice.", "A bit tired after the visit.", "Appetite is coming back."),
    "zh-CN": ("昨晚睡得不太好。", "今天在走廊走了两圈。", "复查回来有点累。", "胃口比前几天好一些。"),
}


@dataclass(frozen=True, slots=True)
class SymptomCourse:
    """``onset`` is a study day, ``length`` in days, ``peak`` how bad it gets, 0 to 1."""

    kind: str
    onset: int
    length: int
    peak: float

    def strength(self, study_day: int) -> float:
        """Rises over the first third and falls slowly; 0 outside."""
        part = (study_day - self.onset) / self.length
        if not 0 <= part < 1:
            return 0.0
        return self.peak * (min(1.0, 0.3 + part * 2.4) if part < 0.34 else 1.5 * (1 - part))


def draw_course(kind: str, throw: Random) -> SymptomCourse:
    """Onset mostly from day 10 to day 40, as in life."""
    length = 2 if kind == "fever" else throw.randint(9, 20)
    return SymptomCourse(kind, onset=throw.randint(12, 40), length=length, peak=throw.uniform(0.55, 1.0))


def demo_answers(course: SymptomCourse, study_day: int, language: str, throw: Random) -> Answers:
    """A whole diary's answers. What the day's form does not ask is passed over when it is sent."""
    day = symptom_free_answers(throw) | _small_things(throw)
    strength = course.strength(study_day)
    if strength > 0:
        for symptom in SYMPTOMS[course.kind]:
            day |= symptom(strength, throw)
    if throw.random() < 0.04:
        day["note"] = throw.choice(NOTES[language])
    return day


def symptom_free_answers(throw: Random) -> Answers:
    """A day on which nothing is wrong."""
    taken = throw.random() < 0.75
    return {
        "temperature-taken": taken,
        **({"temperature": Decimal(throw.randint(362, 371)) / 10} if taken else {}),
        "warning-signs": ("none",),
        "infusion-signs": ("none",),
        "skin-change": False,
        "stomach-trouble": False,
        "bowel-trouble": False,
        "liver-signs": ("none",),
        DOSE: "all-taken",
    }


def _small_things(throw: Random) -> Answers:
    """What happens to everybody now and then."""
    luck = throw.random()
    if luck < 0.008:
        return {DOSE: "missed"}
    if luck < 0.016:
        return {"infusion-signs": ("headache",)}
    if luck < 0.03:
        return nausea_answers(0.3, throw)
    return temperature_answers("37.6") if luck < 0.034 else {}


def temperature_answers(value: str) -> Answers:
    return {"temperature-taken": True, "temperature": Decimal(value)}


def rash_answers(strength: float, throw: Random) -> Answers:
    areas = RASH[: max(1, round(strength * len(RASH)))]
    most = len(areas) // 2 if strength > 0.75 else 0
    return {
        "skin-change": True,
        "skin-areas": {code: "most" if place < most else "some" for place, code in enumerate(areas)},
        "skin-itch": min(4, round(strength * 3) + throw.randint(0, 1)),
        "skin-blisters": False,
        "skin-peeling": strength > 0.97,
    }


def stool_answers(strength: float, throw: Random) -> Answers:
    count = max(1, round(strength * 7))
    measured = throw.random() < 0.4
    return {
        "bowel-trouble": True,
        "loose-stool-count": count,
        "stool-unmeasured-count": 0 if measured else count,
        **({"stool-volume-ml": count * throw.randint(12, 20) * 10} if measured else {}),
        "stool-blood": "obvious" if strength > 0.95 else "streaks" if strength > 0.7 else "none",
        "abdominal-pain": round(strength * 2.6),
    }


def nausea_answers(strength: float, throw: Random) -> Answers:
    vomits = round(strength * 3) if strength > 0.4 else 0
    return {
        "stomach-trouble": True,
        "appetite-loss": min(4, round(strength * 3) + throw.randint(0, 1)),
        "nausea": max(1, round(strength * 3)),
        "vomiting-count": vomits,
        "fluids-kept": strength < 0.96,
        **({"vomit-blood": "none"} if vomits else {}),
    }


def fever_answers(strength: float, throw: Random) -> Answers:
    return temperature_answers(
        str(Decimal("38.0") + Decimal(throw.randint(0, 6)) / 10 + round(Decimal(strength) / 2, 1))
    )


SYMPTOMS: Final[Mapping[str, tuple[Callable[[float, Random], Answers], ...]]] = {
    "well": (),
    "skin": (rash_answers,),
    "gut": (stool_answers,),
    "mixed": (rash_answers, stool_answers),
    "upper": (nausea_answers,),
    "fever": (fever_answers,),
}
