"""People on the way in: answers of a whole screening, as somebody would type them."""

from collections.abc import Mapping
from datetime import date, timedelta

from portal import protocols
from portal.domain.access import Actor, Role
from portal.domain.screening import ConsentKind, ScreeningStep
from portal.extensions import db, transaction
from portal.services import screening
from tests.support.people import NOW, hire

TODAY = date(2026, 11, 23)
Answers = dict[ScreeningStep, dict[str, str]]


def consent(*kinds: ConsentKind, today: date = TODAY) -> dict[str, str]:
    given: dict[str, str] = {}
    for kind in kinds:
        given |= {kind: "yes", f"{kind}_version": "2.0", f"{kind}_on": today.isoformat(), f"{kind}_signer": "王小明"}
    return given


def adult(*, today: date = TODAY, phone: str = "138 0013 0077") -> Answers:
    """Day +10, 34 years old, every criterion met."""
    transplant_on = today - timedelta(days=10)
    exclusions = (criterion.code for criterion in protocols.load_protocol().criteria_of("exclusion"))
    return {
        ScreeningStep.PERSON: {"name": "王小明", "born_on": "1992-03-14", "phone": phone, "language": "zh-CN"},
        ScreeningStep.DISEASE: {
            "haematological_disease": "yes",
            "diagnosis": "AML",
            "transplant_on": transplant_on.isoformat(),
            "weight_kg": "62.5",
        },
        ScreeningStep.MAP: {
            "map_first": "0.14",
            "map_first_assay": "ELISA",
            "map_first_laboratory": "瑞金医院检验科",
            "map_first_on": (transplant_on + timedelta(days=7)).isoformat(),
        },
        ScreeningStep.INCLUSION: {
            "calcineurin_inhibitor": "yes",
            "mycophenolate": "yes",
            "anti_thymocyte_globulin": "yes",
            "methotrexate": "no",
            "survival_weeks": "52",
            "ecog": "1",
            "hct_ci": "1",
            "first_treatment_on": (today + timedelta(days=2)).isoformat(),
        },
        ScreeningStep.EXCLUSION: dict.fromkeys(exclusions, "no"),
        ScreeningStep.CONSENT: consent(ConsentKind.OWN, ConsentKind.SENSITIVE, today=today),
    }


def minor(*, today: date = TODAY) -> Answers:
    """The same at 15, with a guardian."""
    answers = adult(today=today, phone="138 0013 0078")
    born_on = date(today.year - 16, 12, 31).isoformat()
    answers[ScreeningStep.PERSON] |= {"born_on": born_on, "guardian_name": "王淑敏", "guardian_phone": "138 0013 0079"}
    kinds = (ConsentKind.GUARDIAN, ConsentKind.ASSENT, ConsentKind.SENSITIVE)
    answers[ScreeningStep.CONSENT] = consent(*kinds, today=today)
    return answers


def consents_of(answers: Mapping[ScreeningStep, Mapping[str, str]]) -> dict[str, bool]:
    return {
        kind: answers[ScreeningStep.CONSENT][kind] == "yes"
        for kind in ConsentKind
        if kind in answers[ScreeningStep.CONSENT]
    }


ADULT = adult()
MINOR = minor()


def nurse(role: Role = Role.COORDINATOR) -> Actor:
    """A member of staff of RJ."""
    return Actor("staff", role, hire(role), sites=frozenset({"RJ"}))


def begin(actor: Actor, answers: Answers = ADULT) -> str:
    """A screening with its first step; the number."""
    with transaction() as session:
        return screening.begin_screening(session, actor=actor, site="RJ", typed=answers[ScreeningStep.PERSON], now=NOW)


def save(
    actor: Actor, number: str, step: ScreeningStep, typed: Mapping[str, str], *, version: int | None = None
) -> None:
    db.session.rollback()
    if version is None:
        version = screening.get_screening(db.session, actor=actor, number=number, now=NOW).version
    with transaction() as session:
        screening.save_step(session, actor=actor, number=number, step=step, typed=typed, version=version, now=NOW)


def screened(actor: Actor, answers: Answers, **changes: dict[str, str]) -> str:
    """Every step saved; ``changes`` by the name of a step. The number."""
    number = begin(actor, answers)
    for step in list(ScreeningStep)[1:]:
        save(actor, number, step, answers[step] | changes.get(str(step), {}))
    return number
