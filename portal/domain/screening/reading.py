"""Convert typed screening answers into facts for ``eligibility``, and derive the eligibility status."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from portal.domain.eligibility import CriterionFinding, EligibilityOutcome, age_on, eligibility_outcome
from portal.domain.eligibility import ScreeningFacts as Facts
from portal.domain.errors import Conflict
from portal.domain.msgid import N_
from portal.domain.protocol import AnnArbor, EligibilityBounds, Protocol
from portal.domain.screening.questions import NO, YES, ConsentKind, ScreeningState

NUMBER: Final = re.compile(r"[0-9]{1,6}(\.[0-9]{1,8})?")


def read_day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else None
    except ValueError:
        return None


def read_number(text: str | None) -> Decimal | None:
    """A plain decimal, as typed: nothing is rounded."""
    return Decimal(text) if text and NUMBER.fullmatch(text) else None


def enrolment_day(answers: Mapping[str, str], today: date) -> date:
    """The day that decides: the one planned for enrolment, and never one that has passed."""
    planned = read_day(answers.get("enrol_on"))
    return max(planned, today) if planned else today


def eligibility_facts(
    answers: Mapping[str, str], consents: Mapping[str, bool], protocol: Protocol, *, enrol_on: date
) -> Facts:
    """What ``eligibility.evaluate`` wants. ``consents``: kind -> given or refused."""
    exclusions = {one.code: _flag(answers.get(one.code)) for one in protocol.criteria_of("exclusion")}
    return Facts(
        transplant_on=read_day(answers.get("transplant_on")),
        enrol_on=enrol_on,
        born_on=read_day(answers.get("born_on")),
        haematological_disease=_flag(answers.get("haematological_disease")),
        calcineurin_inhibitor=_flag(answers.get("calcineurin_inhibitor")),
        mycophenolate=_flag(answers.get("mycophenolate")),
        anti_thymocyte_globulin=_flag(answers.get("anti_thymocyte_globulin")),
        map_first=read_number(answers.get("map_first")),
        map_second=read_number(answers.get("map_second")),
        survival_weeks=_int(answers.get("survival_weeks")),
        ecog=_int(answers.get("ecog")),
        hct_ci=_int(answers.get("hct_ci")),
        first_treatment_on=read_day(answers.get("first_treatment_on")),
        consent=consents.get(ConsentKind.OWN),
        guardian_consent=consents.get(ConsentKind.GUARDIAN),
        assent=consents.get(ConsentKind.ASSENT),
        exclusions=exclusions,
    )


def _flag(answer: str | None) -> bool | None:
    return {YES: True, NO: False}.get(answer or "")


def _int(text: str | None) -> int | None:
    number = read_number(text)
    return None if number is None else int(number)


def eligibility_standing(findings: tuple[CriterionFinding, ...], consents: Mapping[str, bool]) -> EligibilityOutcome:
    """The registry's criteria, and beside them the separate consent for sensitive data, without which nobody enters."""
    judged, sensitive = eligibility_outcome(findings), consents.get(ConsentKind.SENSITIVE)
    if judged is EligibilityOutcome.NOT_ELIGIBLE or sensitive is False:
        return EligibilityOutcome.NOT_ELIGIBLE
    return judged if sensitive else EligibilityOutcome.INCOMPLETE


def check_open(state: str) -> None:
    if state != ScreeningState.OPEN:
        raise Conflict(N_("This screening has ended. It can be read, but no longer changed."))


def is_minor(answers: Mapping[str, str], bounds: EligibilityBounds, on: date) -> bool:
    born_on = read_day(answers.get("born_on"))
    return born_on is not None and age_on(born_on, on) < bounds.own_consent_age


def map_band(value: Decimal, edges: AnnArbor) -> int:
    """Ann Arbor 1 to 3, for display."""
    return 1 if value < edges.two_from else 2 if value <= edges.three_above else 3
