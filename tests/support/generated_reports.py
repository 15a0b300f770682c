"""Reports as nobody would fill them in, in any combination: the same number makes the same course."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from portal.domain.alert_rules import Evaluation
from portal.domain.body_surface import REGIONS
from portal.domain.reports import Report

TRANSPLANT_ON = date(2026, 3, 1)
WARNING = ("breathlessness", "chest-pain", "fainting", "confusion", "bleeding")
REACTIONS = ("fever-chills", "hives-rash", "breathlessness-wheeze", "chest-pain", "faintness", "headache", "other")
LIVER = ("yellow", "dark-urine", "pale-stools")


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """One report with those before it, as the rules of protocol 1 look at it."""

    current: Report
    history: tuple[Report, ...]
    infusions_given_at: tuple[datetime, ...]
    age: int
    weight_kg: Decimal | None
    bilirubin_settled: bool
    rash_assessed: bool


def generate_cases(courses: int, *, seed: str = "rules") -> Iterator[GeneratedCase]:
    """Every report of so many courses of up to twelve reports."""
    for number in range(courses):
        yield from _course(Random(f"{seed}:{number}"))


def digest_of(evaluations: Sequence[Evaluation]) -> str:
    """SHA-256 of everything that protocol 1 says in these evaluations."""
    found = [[str(one.severity), [_plain(flag) for flag in one.flags]] for one in evaluations]
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _plain(flag: Any) -> list[Any]:
    names = [flag.rule_id, flag.rule_version, str(flag.severity), str(flag.organ), flag.symptom]
    return [*names, list(flag.link_ids), flag.evidence.to_json()]


def _course(throw: Random) -> Iterator[GeneratedCase]:
    age = throw.choice((14, 15, 17, 18, 34, 70))
    weight = throw.choice((None, Decimal("45.0"), Decimal("50.0"), Decimal("62.5")))
    busy = throw.choice((0.1, 0.3, 0.6))
    day = throw.randint(7, 100)
    history: list[Report] = []
    given = tuple(_at(day + throw.randint(-2, 8), throw.randint(0, 23)) for _ in range(throw.randint(0, 2)))
    for _ in range(throw.randint(2, 12)):
        day += throw.choice((0, 1, 1, 1, 1, 2, 4))
        current = Report(
            on=TRANSPLANT_ON + timedelta(days=day),
            entered_at=_at(day, throw.randint(0, 23)) + timedelta(seconds=len(history)),
            answers=_answers(throw, busy),
            weight_kg=weight,
            study_day=day,
        )
        yield GeneratedCase(current, tuple(history), given, age, weight, throw.random() < 0.3, throw.random() < 0.3)
        history.append(current)


def _at(day: int, hour: int) -> datetime:
    on = TRANSPLANT_ON + timedelta(days=day)
    return datetime(on.year, on.month, on.day, hour, tzinfo=UTC)


def _answers(throw: Random, busy: float) -> dict[str, object]:
    found: dict[str, object] = {
        "warning-signs": _some(throw, WARNING, busy / 3),
        "liver-signs": _some(throw, LIVER, busy / 2),
        "immunosuppressant": throw.choice(("all-taken", "all-taken", "missed", "not-kept-down", "not-prescribed")),
        "temperature-taken": throw.random() < 0.5,
        "skin-change": throw.random() < busy,
        "stomach-trouble": throw.random() < busy * 1.5,
        "bowel-trouble": throw.random() < busy,
    }
    if found["temperature-taken"]:
        found["temperature"] = Decimal(throw.randint(340, 420)) / 10
    if throw.random() < 0.1:
        found["weight"] = Decimal(throw.randint(400, 700)) / 10
    if throw.random() < 0.2:
        found["infusion-signs"] = _some(throw, REACTIONS, busy / 2)
    return found | _skin(throw, found) | _stomach(throw, found) | _bowel(throw, found)


def _some(throw: Random, codes: Sequence[str], chance: float) -> tuple[str, ...]:
    return tuple(code for code in codes if throw.random() < chance) or ("none",)


def _skin(throw: Random, found: dict[str, object]) -> dict[str, object]:
    if not found["skin-change"]:
        return {}
    areas = {region.code: throw.choice(("some", "most")) for region in REGIONS if throw.random() < throw.random()}
    damage = {name: throw.random() < 0.2 for name in ("skin-blisters", "skin-peeling")}
    return {"skin-areas": areas, "skin-itch": throw.randint(0, 4), **damage}


def _stomach(throw: Random, found: dict[str, object]) -> dict[str, object]:
    if not found["stomach-trouble"]:
        return {}
    vomits = throw.choice((0, 0, 1, 2, 5))
    return {
        "appetite-loss": throw.randint(0, 4),
        "nausea": throw.randint(0, 4),
        "vomiting-count": vomits,
        "fluids-kept": throw.random() < 0.9,
        **({"vomit-blood": throw.choice(("none", "none", "streaks", "obvious"))} if vomits else {}),
    }


def _bowel(throw: Random, found: dict[str, object]) -> dict[str, object]:
    if not found["bowel-trouble"]:
        return {}
    count = throw.randint(0, 8)
    measured = {"stool-volume-ml": throw.choice((0, 200, 499, 500, 999, 1000, 1600))} if throw.random() < 0.5 else {}
    return {
        "loose-stool-count": count,
        "stool-unmeasured-count": throw.randint(0, count),
        **(measured if count else {}),
        "stool-blood": throw.choice(("none", "none", "none", "streaks", "obvious")),
        "abdominal-pain": throw.choice((0, 0, 1, 2, 3, 4)),
    }
