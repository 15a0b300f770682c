"""What a virtual participant writes down of a day: the true signs, now and then left out or misjudged."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from portal.domain.body_surface import REGIONS, region_percent
from portal.domain.scales import StoolScale
from portal.simulation.courses import OrganIllness, SimulatedParticipant
from portal.simulation.published import published_value, published_values

Answers = dict[str, Any]
EPISODE_ML, EPISODE_CHILD_ML_PER_KG = 200.0, 3.0
CODES: Final = tuple(region.code for region in REGIONS)


@dataclass(frozen=True, slots=True)
class DaySigns:
    """A day as it is: per cent of the body, mL of stool (mL per kg for a child), scores, mg/dL, degrees."""

    rash: float
    stool: float
    nausea: int
    appetite: int
    bilirubin: float
    fever: bool
    after_infusion: bool
    damaged_skin: bool
    bloody: bool

    @property
    def visible(self) -> bool:
        """Whether there is anything of GVHD that the diary asks about."""
        return self.rash > 0 or self.stool > 0 or self.nausea > 0 or self.bilirubin >= 2.5


def day_signs(person: SimulatedParticipant, day: int, illnesses: Iterable[OrganIllness]) -> DaySigns:
    """The day's signs of these illnesses, with the appetite, fever and infusions of the person."""
    ill = tuple(illnesses)
    most: dict[str, float] = {}
    for one in ill:
        most[one.organ] = max(most.get(one.organ, 0.0), one.amount(day))
    severe = {one.organ for one in ill if one.severe and one.at_peak(day)}
    return DaySigns(
        rash=most.get("skin", 0.0),
        stool=most.get("lower_gi", 0.0),
        nausea=min(4, round(most.get("upper_gi", 0.0))),
        appetite=person.appetite_score if day <= person.appetite_until else 0,
        bilirubin=most.get("liver", 0.0),
        fever=day in person.fever_days,
        after_infusion=any(0 <= day - at <= 1 for at in person.infusion_days),
        damaged_skin="skin" in severe,
        bloody="lower_gi" in severe,
    )


def simulated_answers(person: SimulatedParticipant, found: DaySigns, throw: Random) -> Answers:
    """The day's diary."""
    return {
        **_temperature(found, throw),
        "warning-signs": ("none",),
        **_skin(person, found, throw),
        **_stomach(found, throw),
        **_bowel(person, found, throw),
        "liver-signs": _liver(found, throw),
        "immunosuppressant": "missed" if throw.random() < published_value("dose-missed") else "all-taken",
        **_infusion(found, throw),
    }


def _said(throw: Random) -> bool:
    return throw.random() >= published_value("unsaid")


def _judged(amount: float, throw: Random) -> float:
    return amount * throw.lognormvariate(0, published_value("extent-error"))


def _temperature(found: DaySigns, throw: Random) -> Answers:
    if found.fever and _said(throw):
        return {"temperature-taken": True, "temperature": Decimal(throw.randint(380, 395)) / 10}
    if throw.random() >= published_value("temperature-taken"):
        return {"temperature-taken": False}
    return {"temperature-taken": True, "temperature": Decimal(throw.randint(362, 373)) / 10}


def _skin(person: SimulatedParticipant, found: DaySigns, throw: Random) -> Answers:
    if found.rash <= 0 or not _said(throw):
        return {"skin-change": False}
    return {
        "skin-change": True,
        "skin-areas": _areas(_judged(found.rash, throw), person.age),
        "skin-itch": min(4, round(found.rash / 30) + throw.randint(0, 1)),
        "skin-blisters": found.damaged_skin,
        "skin-peeling": found.damaged_skin,
    }


def _areas(percent: float, age: int) -> Mapping[str, str]:
    """Regions from the head down, each wholly, until the extent is reached; the last one in part."""
    areas, left = {}, percent
    for code in CODES:
        whole = float(region_percent(code, age=age))
        areas[code] = "most" if left >= whole else "some"
        left -= whole
        if left <= 0:
            break
    return areas


def _stomach(found: DaySigns, throw: Random) -> Answers:
    nausea = found.nausea if _said(throw) else 0
    appetite = max(found.appetite, round(nausea * 0.7)) if _said(throw) else 0
    if not nausea and not appetite:
        return {"stomach-trouble": False}
    vomits = throw.randint(0, nausea) if nausea > 1 else 0
    return {
        "stomach-trouble": True,
        "nausea": nausea,
        "appetite-loss": appetite,
        "vomiting-count": vomits,
        "fluids-kept": True,
        **({"vomit-blood": "none"} if vomits else {}),
    }


def _bowel(person: SimulatedParticipant, found: DaySigns, throw: Random) -> Answers:
    """Two people in five measure; the others count."""
    volume = _judged(found.stool, throw)
    child = person.scale is StoolScale.CHILD
    count = round(volume / (EPISODE_CHILD_ML_PER_KG if child else EPISODE_ML))
    if (count < 1 and not found.bloody) or not _said(throw):
        return {"bowel-trouble": False}
    measured = throw.random() < 0.4
    in_ml = volume * float(person.weight_kg) if child else volume
    return {
        "bowel-trouble": True,
        "loose-stool-count": max(1, count),
        "stool-unmeasured-count": 0 if measured else max(1, count),
        **({"stool-volume-ml": round(in_ml)} if measured else {}),
        "stool-blood": "obvious" if found.bloody and throw.random() < 0.7 else "none",
        "abdominal-pain": 3 if found.bloody else min(2, throw.randint(0, 1) + int(count > 5)),
    }


def _liver(found: DaySigns, throw: Random) -> tuple[str, ...]:
    from_25, from_31 = published_values("icterus")
    seen = from_31 if found.bilirubin >= 3.1 else from_25 if found.bilirubin >= 2.5 else 0.0
    noticed = []
    if throw.random() < seen and _said(throw):
        noticed.append("yellow")
    if found.bilirubin >= 3.1 and throw.random() < published_value("dark-urine"):
        noticed.append("dark-urine")
    return tuple(noticed) or ("none",)


def _infusion(found: DaySigns, throw: Random) -> Answers:
    if not found.after_infusion:
        return {}
    fever = throw.random() < published_value("infusion-fever")
    return {"infusion-signs": ("fever-chills",) if fever else ("none",)}
