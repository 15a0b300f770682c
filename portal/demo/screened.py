"""How people come into the demo trial: screened step by step, and allocated from a sealed list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy.orm import Session

from portal.demo import names
from portal.demo.dice import seeded_random
from portal.demo.life import ParticipantLife
from portal.demo.roster import DemoParticipant
from portal.demo.team import DemoTeam
from portal.domain.access import Role
from portal.domain.protocol import Protocol
from portal.domain.screening import ConsentKind, ScreeningStep
from portal.services import allocation, screening

SITE: Final = "RJ"
SPARE_ROWS: Final = 8
FORM: Final = "2.1"
DIAGNOSES: Final = ("AML", "ALL", "MDS", "CML", "Severe aplastic anaemia", "T-lymphoblastic lymphoma")
ADULT: Final = (ConsentKind.OWN, ConsentKind.SENSITIVE)
MINOR: Final = (ConsentKind.GUARDIAN, ConsentKind.ASSENT, ConsentKind.SENSITIVE)
STEP_MINUTES: Final = timedelta(minutes=12)
Answers = dict[ScreeningStep, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on the way in, as a screening asks; ``guardian`` for a minor."""

    name: str
    born_on: date
    phone: str
    language: str
    transplant_on: date
    enrol_on: date
    weight_kg: str
    guardian: tuple[str, str] | None = None


def import_demo_list(
    session: Session, *, team: DemoTeam, people: tuple[DemoParticipant, ...], seed: int, now: datetime
) -> None:
    """The whole trial's list, with rows to spare for people to come."""
    spare = ["imsc", "control"] * (SPARE_ROWS // 2)
    seeded_random(seed, "list").shuffle(spare)
    rows = [f"{place},{SITE},{arm}" for place, arm in enumerate([*(one.arm for one in people), *spare], 1)]
    content = "\n".join(["sequence,stratum,arm", *rows, ""]).encode()
    allocation.import_allocation_list(session, actor=team.actors[Role.STATISTICIAN], content=content, now=now)


def allocate_arm(life: ParticipantLife, at: datetime) -> int:
    """The person's screening in the hour before, and the arm at ``at``; the participant's id."""
    person = life.person
    guardian = next((one for one in person.holders if one.role is Role.GUARDIAN), None)
    candidate = Candidate(
        name=person.name,
        born_on=person.born_on,
        phone=person.holders[0].phone,
        language=person.language,
        transplant_on=person.transplant_on,
        enrol_on=person.enrolled_on,
        weight_kg=str(person.weight_kg),
        guardian=(guardian.name, guardian.phone) if guardian else None,
    )
    number = _type(life.session, life.team, screening_answers(candidate, life.dice("screening"), life.protocol), at)
    made = screening.allocate_participant(
        life.session, actor=life.team.coordinator, number=number, version=len(ScreeningStep), now=at
    )
    return made.participant_id


def _type(session: Session, team: DemoTeam, typed: Answers, at: datetime) -> str:
    """Each step a while after the one before, the last just before ``at``; the screening's number."""
    begun, actor = at - len(typed) * STEP_MINUTES, team.coordinator
    first, *rest = typed
    number = screening.begin_screening(session, actor=actor, site=SITE, typed=typed[first], now=begun)
    for version, step in enumerate(rest, 1):
        now = begun + version * STEP_MINUTES
        screening.save_step(session, actor=actor, number=number, step=step, typed=typed[step], version=version, now=now)
    return number


def screening_answers(who: Candidate, throw: Random, protocol: Protocol) -> Answers:
    """Every criterion met."""
    born = {"name": who.name, "born_on": who.born_on.isoformat(), "phone": who.phone, "language": who.language}
    guardian = dict(zip(("guardian_name", "guardian_phone"), who.guardian, strict=True)) if who.guardian else {}
    return {
        ScreeningStep.PERSON: born | guardian,
        ScreeningStep.DISEASE: {
            "haematological_disease": "yes",
            "diagnosis": throw.choice(DIAGNOSES),
            "transplant_on": who.transplant_on.isoformat(),
            "enrol_on": who.enrol_on.isoformat(),
            "weight_kg": who.weight_kg,
        },
        ScreeningStep.MAP: _map("map_first", f"0.{throw.randint(140, 420)}", who, protocol.eligibility.map_first_day),
        ScreeningStep.INCLUSION: {
            "calcineurin_inhibitor": "yes",
            "mycophenolate": "yes",
            "anti_thymocyte_globulin": "yes",
            "methotrexate": throw.choice(("yes", "no")),
            "survival_weeks": str(throw.choice((26, 52, 104))),
            "ecog": str(throw.randint(0, 2)),
            "hct_ci": str(throw.randint(0, 3)),
            "first_treatment_on": (who.enrol_on + timedelta(days=throw.randint(1, 5))).isoformat(),
        },
        ScreeningStep.EXCLUSION: {one.code: "no" for one in protocol.criteria_of("exclusion")},
        ScreeningStep.CONSENT: _consents(MINOR if who.guardian else ADULT, who),
    }


def _map(sample: str, value: str, who: Candidate, day: int) -> dict[str, str]:
    return {
        sample: value,
        f"{sample}_assay": "ELISA (ST2, REG3α)",
        f"{sample}_laboratory": "中心实验室",
        f"{sample}_on": (who.transplant_on + timedelta(days=day)).isoformat(),
    }


def _consents(kinds: tuple[ConsentKind, ...], who: Candidate) -> dict[str, str]:
    given: dict[str, str] = {}
    for kind in kinds:
        signer = who.guardian[0] if who.guardian and kind is not ConsentKind.ASSENT else who.name
        on = (who.transplant_on + timedelta(days=6)).isoformat()
        given |= {kind: "yes", f"{kind}_version": FORM, f"{kind}_on": on, f"{kind}_signer": signer}
    return given


def add_other_screenings(
    session: Session, *, team: DemoTeam, protocol: Protocol, seed: int, now: datetime, today: date
) -> None:
    """Who did not enter: two screen failures; and who is on the way: just begun, waiting for day +14, ready."""
    throw = seeded_random(seed, "others")
    people = [_candidate(throw, place, today) for place in range(5)]
    low, ill, begun, waiting, ready = (screening_answers(one, throw, protocol) for one in people)
    second = _map("map_second", "0.121", people[0], protocol.eligibility.map_second_day)
    low[ScreeningStep.MAP] |= {"map_first": "0.138", **second}
    ill[ScreeningStep.EXCLUSION]["infection"] = "yes"
    waiting[ScreeningStep.MAP]["map_first"] = "0.097"
    for typed in (low, ill):
        number = _type(session, team, typed, now - timedelta(hours=30))
        screening.fail_screening(
            session,
            actor=team.coordinator,
            number=number,
            reason="",
            version=len(ScreeningStep),
            now=now - timedelta(hours=29),
        )
    for typed, before in (
        ({ScreeningStep.PERSON: begun[ScreeningStep.PERSON]}, 1),
        (waiting, 3),
        (_any_day(ready, today), 2),
    ):
        _type(session, team, typed, now - timedelta(hours=before))


def _candidate(throw: Random, place: int, today: date) -> Candidate:
    """Day +16 for the first, who has had both samples, and day +9 to +12 for the others; the third is 16."""
    transplant_on = today - timedelta(days=16 if place == 0 else 8 + place)
    age = 16 if place == 2 else throw.randint(22, 66)
    who = Candidate(
        name=names.chinese_name(throw),
        born_on=date(today.year - age, 1, throw.randint(1, 28)),
        phone=f"+861990002{place:04}",
        language="zh-CN",
        transplant_on=transplant_on,
        enrol_on=today,
        weight_kg=str(throw.randint(48, 82)),
    )
    return replace(who, guardian=(who.name[0] + "建华", f"+861990002{100 + place:04}")) if place == 2 else who


def _any_day(typed: Mapping[ScreeningStep, dict[str, str]], today: date) -> Answers:
    """Enrolled on whatever day of these five somebody presses the button."""
    kept = {step: dict(given) for step, given in typed.items()}
    del kept[ScreeningStep.DISEASE]["enrol_on"]
    kept[ScreeningStep.INCLUSION]["first_treatment_on"] = (today + timedelta(days=5)).isoformat()
    return kept
