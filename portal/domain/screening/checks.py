"""What is wrong with the answers of a step: each for itself, and what they ask of each other."""

from collections.abc import Collection, Mapping
from datetime import date

from portal.domain import typed_entry
from portal.domain.eligibility import age_on
from portal.domain.msgid import N_
from portal.domain.protocol import EligibilityBounds, Protocol
from portal.domain.screening.questions import (
    SAMPLES,
    YES,
    ConsentKind,
    QuestionKind,
    ScreeningField,
    ScreeningStep,
    list_fields,
)
from portal.domain.screening.reading import read_day, read_number

MAP_SOURCE = N_("As the laboratory reported it: value, assay, laboratory and day of the sample belong together.")


def trim_answers(typed: Mapping[str, str], fields: Collection[ScreeningField]) -> dict[str, str]:
    """What was typed into these fields, trimmed; an empty field is left out. Numbers and days are in ASCII figures."""
    kept = {field.name: _plain(field, str(typed.get(field.name, "")).strip()) for field in fields}
    return {name: value for name, value in kept.items() if value}


def _plain(field: ScreeningField, value: str) -> str:
    """What the one reader reads, in the form that is kept; anything else as it was typed."""
    if field.kind in {QuestionKind.DAY, QuestionKind.PAST_DAY}:
        day = typed_entry.read_day(value)
        return day.isoformat() if day else value
    if field.kind in {QuestionKind.NUMBER, QuestionKind.WHOLE}:
        number = typed_entry.read_decimal(value)
        return f"{number:f}" if number is not None else value
    return value


def answer_problems(
    step: ScreeningStep, answers: Mapping[str, str], protocol: Protocol, *, today: date
) -> dict[str, str]:
    """Field -> msgid for each invalid answer; ``answers`` are trimmed. Services check that phones are free."""
    found = {field.name: _problem(field, answers.get(field.name), today) for field in list_fields(step, protocol)}
    found |= {name: words for name, words in _together(step, answers, protocol, today).items() if not found.get(name)}
    return {name: words for name, words in found.items() if words}


def _problem(field: ScreeningField, value: str | None, today: date) -> str | None:
    if value is None:
        return N_("This is needed.") if field.required else None
    if field.kind is QuestionKind.CHOICE:
        return None if value in field.choices else N_("Choose one of the answers.")
    if field.kind in {QuestionKind.DAY, QuestionKind.PAST_DAY}:
        return _day_problem(field, value, today)
    if field.kind in {QuestionKind.NUMBER, QuestionKind.WHOLE}:
        return _number_problem(field, value)
    return None if len(value) <= field.length else N_("This is too long.")


def _day_problem(field: ScreeningField, value: str, today: date) -> str | None:
    day = read_day(value)
    if day is None or day.year < 1900:
        return N_("Enter a day as 2026-12-31.")
    if field.kind is QuestionKind.PAST_DAY and day > today:
        return N_("This day is still to come.")
    return None


def _number_problem(field: ScreeningField, value: str) -> str | None:
    number = read_number(value)
    if number is None:
        return N_("Enter a number, with a point for decimals.")
    if field.kind is QuestionKind.WHOLE and number != int(number):
        return N_("Enter a whole number.")
    if not field.low <= number <= field.high:
        return N_("This number cannot be right.")
    return None


def _together(step: ScreeningStep, answers: Mapping[str, str], protocol: Protocol, today: date) -> dict[str, str]:
    """What answers of one step ask of each other."""
    if step is ScreeningStep.PERSON:
        return _person_together(answers, protocol.eligibility, today)
    if step is ScreeningStep.MAP:
        return _map_together(answers)
    if step is ScreeningStep.CONSENT:
        return _consent_together(answers)
    return {}


def _person_together(answers: Mapping[str, str], bounds: EligibilityBounds, today: date) -> dict[str, str]:
    born_on = read_day(answers.get("born_on"))
    if born_on and age_on(born_on, today) < bounds.own_consent_age and "guardian_name" not in answers:
        return {"guardian_name": N_("Under 18 a guardian is needed.")}
    return {}


def _map_together(answers: Mapping[str, str]) -> dict[str, str]:
    """A value needs its source, and a source its value."""
    found: dict[str, str] = {}
    for sample in SAMPLES:
        parts = (sample, f"{sample}_assay", f"{sample}_laboratory", f"{sample}_on")
        if any(part in answers for part in (*parts, f"{sample}_variant")):
            found |= {part: MAP_SOURCE for part in parts if part not in answers}
    return found


def _consent_together(answers: Mapping[str, str]) -> dict[str, str]:
    return {
        f"{kind}_{part}": N_("A consent needs version, day and name.")
        for kind in ConsentKind
        if answers.get(kind) == YES
        for part in ("version", "on", "signer")
        if f"{kind}_{part}" not in answers
    }
