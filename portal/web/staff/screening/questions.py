"""One step of a screening as a form: its questions with words, what was typed, and what is wrong with it (in words)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask_babel import gettext as _
from markupsafe import Markup

from portal import protocols
from portal.domain import screening as rules
from portal.domain.protocol import Protocol
from portal.domain.screening import ConsentKind, QuestionKind, ScreeningField, ScreeningStep
from portal.web.labels.dates import localized_text
from portal.web.staff.screening import labels as words

SHAPES: Final = {
    QuestionKind.CHOICE: "radios",
    QuestionKind.DAY: "date",
    QuestionKind.PAST_DAY: "date",
    QuestionKind.NUMBER: "number",
    QuestionKind.WHOLE: "number",
    QuestionKind.PHONE: "phone",
    QuestionKind.TEXT: "text",
}


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """``heading`` opens a group of questions. ``error``: what to mend, in words. ``meanwhile``: saved by another."""

    name: str
    shape: str
    label: str
    hint: str | None
    suffix: str | None
    maxlength: int | None
    value: str | None
    error: str | None
    options: tuple[tuple[str, str], ...]
    heading: str | None


def build_questions(
    step: ScreeningStep, typed: Mapping[str, str], problems: Mapping[str, str], *, minor: bool | None = None
) -> tuple[AskedQuestion, ...]:
    """Every question of a step. ``minor`` decides whose consents are asked for; None asks for all."""
    protocol = protocols.load_protocol()
    return tuple(
        _asked(field, step, protocol, typed.get(field.name), problems.get(field.name))
        for field in rules.list_fields(step, protocol)
        if step is not ScreeningStep.CONSENT or _is_wanted(field, minor)
    )


def _is_wanted(field: ScreeningField, minor: bool | None) -> bool:
    kind = _consent_kind(field)
    return kind is ConsentKind.SENSITIVE or minor is None or (kind is not ConsentKind.OWN) is minor


def _consent_kind(field: ScreeningField) -> ConsentKind:
    return ConsentKind(field.name.partition("_")[0])


def _asked(
    field: ScreeningField, step: ScreeningStep, protocol: Protocol, value: str | None, problem: str | None
) -> AskedQuestion:
    label, hint = _label(field, step, protocol)
    suffix = words.SUFFIXES.get(field.name)
    return AskedQuestion(
        name=field.name,
        shape=SHAPES[field.kind],
        label=label,
        hint=hint,
        suffix=str(suffix) if suffix else None,
        maxlength=field.length if field.kind is QuestionKind.TEXT else None,
        value=value,
        error=problem,
        options=tuple(_options(field, step)),
        heading=_heading(field, protocol),
    )


def _options(field: ScreeningField, step: ScreeningStep) -> Iterator[tuple[str, str]]:
    table = {ScreeningStep.EXCLUSION: words.EXCLUSION_ANSWERS, ScreeningStep.CONSENT: words.CONSENT_ANSWERS}.get(
        step, words.ANSWERS
    )
    return ((code, str(table[code]).capitalize()) for code in field.choices)


def _label(field: ScreeningField, step: ScreeningStep, protocol: Protocol) -> tuple[str, str | None]:
    hint = words.HINTS.get(field.name)
    said = str(hint) if hint else None
    if step is ScreeningStep.EXCLUSION:
        criterion = next(one for one in protocol.criteria_of("exclusion") if one.code == field.name)
        return f"{criterion.number}. {localized_text(criterion.plain)}", Markup('<span lang="en">{}</span>').format(
            criterion.registered
        )
    if step is ScreeningStep.MAP:
        return str(words.SAMPLE[field.name.removeprefix(_sample(field))]), said
    if step is ScreeningStep.CONSENT:
        kind = _consent_kind(field)
        part = field.name.removeprefix(str(kind))
        return str(words.CONSENT[part] if part else words.CONSENTS[kind]), said
    return str(words.LABELS[field.name]), said


def _sample(field: ScreeningField) -> str:
    return next(sample for sample in rules.SAMPLES if field.name.startswith(sample))


def _heading(field: ScreeningField, protocol: Protocol) -> str | None:
    days = {"map_first": protocol.eligibility.map_first_day, "map_second": protocol.eligibility.map_second_day}
    if field.name in days:
        return str(_("Sample of day +%(day)s", day=days[field.name]))
    titles: dict[str, Any] = {
        "calcineurin_inhibitor": _("Prophylaxis received"),
        "survival_weeks": _("Outlook and condition"),
        "first_treatment_on": _("First treatment"),
        "guardian_name": _("Guardian, where the person is under 18"),
    }
    return str(titles[field.name]) if field.name in titles else None
