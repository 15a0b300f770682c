"""A page of a questionnaire as an HTML form: what the template needs to draw it, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, NamedTuple

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from portal.domain.body_surface import COLUMNS, REGIONS, region_percent
from portal.domain.questionnaire import (
    AnswerProblem,
    AnswerProblems,
    Answers,
    BodyPart,
    EnableCondition,
    ItemKind,
    QuestionItem,
    Questionnaire,
    QuestionnairePage,
    RawAnswer,
    format_answer,
    normalize_answer,
    parse_answer,
    read_answers,
)
from portal.domain.questionnaire.typed import UNMARKED

SHAPES: Final[Mapping[ItemKind, str]] = {
    "boolean": "radios",
    "score": "radios",
    "choice": "radios",
    "multi-choice": "checkboxes",
    "body-map": "body-map",
    "integer": "input",
    "decimal": "input",
    "text": "textarea",
}
INPUT_MODES: Final[Mapping[ItemKind, str]] = {"integer": "numeric", "decimal": "decimal"}
NUMBER_WIDTH: Final = 5
WARNING_SIGNS: Final = "warning-signs"


class RegionField(NamedTuple):
    """One region of the body map as a row of radios; ``value`` is empty while it is untouched."""

    id: str
    name: str
    label: str
    options: list[tuple[str, str]]
    value: str


class PartField(NamedTuple):
    title: str
    regions: list[RegionField]
    marked: bool


@dataclass(frozen=True)
class FormField:
    """One question as the macros draw it. ``raw`` is what was typed, ``follow_ups`` the questions below its answer."""

    item: QuestionItem
    raw: Any
    problem: AnswerProblem | None
    language: str
    follow_ups: tuple["FormField", ...] = ()

    @property
    def id(self) -> str:
        return self.item.link_id

    @property
    def name(self) -> str:
        return self.item.link_id

    @property
    def kind(self) -> ItemKind:
        return self.item.kind

    @property
    def shape(self) -> str:
        return SHAPES[self.item.kind]

    @property
    def label(self) -> str:
        text = self.item.text.in_(self.language)
        return text if self.item.required else str(_("%(question)s (optional)", question=text))

    @property
    def hint(self) -> str | None:
        return self.item.hint.in_(self.language) if self.item.hint else None

    @property
    def unit(self) -> str | None:
        return self.item.unit.in_(self.language) if self.item.unit else None

    @property
    def picture(self) -> str | None:
        return self.item.picture.name if self.item.picture else None

    @property
    def picture_words(self) -> str:
        return self.item.picture.words.in_(self.language) if self.item.picture else ""

    @property
    def error(self) -> str | None:
        return str(_(self.problem.msgid, **self.problem.params)) if self.problem else None

    @property
    def summary(self) -> str:
        """The error where the question is not in sight."""
        return f"{self.item.text.in_(self.language)}{'' if self.language.startswith('zh') else ' '}{self.error}"

    @property
    def described_by(self) -> str:
        notes = (("hint", self.hint), ("error", self.error))
        return " ".join(f"{self.id}-{kind}" for kind, words in notes if words)

    @property
    def value(self) -> Any:
        """What was typed, as the macro of this shape takes it; a good number in figures that scripts can read."""
        if self.shape == "checkboxes":
            return list(self.raw or ())
        number = parse_answer(self.item, self.raw) if self.item.kind in INPUT_MODES else None
        if number is None or isinstance(number, AnswerProblem):
            return self.raw or ""
        return format_answer(self.item, normalize_answer(self.item, number))

    @property
    def options(self) -> list[dict[str, Any]]:
        if self.item.kind == "boolean":
            yes, no = (words.in_(self.language) if words else None for words in (self.item.yes, self.item.no))
            return [_choice("yes", yes or str(_("Yes"))), _choice("no", no or str(_("No")))]
        return [_choice(one.code, one.words.in_(self.language), one.exclusive) for one in self.item.options]

    @property
    def inputmode(self) -> str | None:
        return INPUT_MODES.get(self.item.kind)

    @property
    def width(self) -> int | None:
        return NUMBER_WIDTH if self.item.kind in INPUT_MODES else None

    @property
    def max_length(self) -> int | None:
        return self.item.max_length or None

    @property
    def parts(self) -> list[PartField]:
        return [self._part(part) for part in self.item.parts]

    def _part(self, part: BodyPart) -> PartField:
        marks = self.raw or {}
        options = [(UNMARKED, str(_("No rash")))]
        options += [(option.code, option.words.in_(self.language)) for option in self.item.options]
        names = [(f"{self.id}.{region.code}", region) for region in part.regions]
        regions = [
            RegionField(name, name, region.words.in_(self.language), options, marks.get(region.code, ""))
            for name, region in names
        ]
        return PartField(part.words.in_(self.language), regions, any(region.value for region in regions))

    @property
    def body_table(self) -> dict[str, Any]:
        """Per cent of the body for one region of each part, by age, for the drawing: the server's own table as data."""
        return body_surface_table()

    @property
    def rules(self) -> list[dict[str, Any]]:
        """When this question is asked, for the script that hides it otherwise."""
        return [_rule(condition) for condition in self.item.enable_when]

    @property
    def behavior(self) -> str:
        return "any" if self.item.enable_any else "all"

    @property
    def closed(self) -> bool:
        """Whether nothing typed opens the questions below: with scripts they wait out of sight, and nothing moves."""
        return self.raw in (None, "", "no", "false", "0", [], {})

    @property
    def follow_up_rules(self) -> list[dict[str, Any]]:
        """What opens the questions below: the condition that they all begin with."""
        return [_rule(self.follow_ups[0].item.enable_when[0])] if self.follow_ups else []


def warning_signs_field(form: Questionnaire, language: str) -> FormField:
    """The question about warning signs by itself, with nothing ticked."""
    return FormField(form.item(WARNING_SIGNS), (), None, language)


@lru_cache
def body_surface_table() -> dict[str, Any]:
    """``columns``: (from this age on, {part: per cent of one region}), oldest first; ``parts``: region -> part."""
    of_part = {region.part: region.code for region in REGIONS}
    columns = [
        (column.age_from, {part: float(region_percent(code, age=column.age_from)) for part, code in of_part.items()})
        for column in COLUMNS
    ]
    return {"columns": columns, "parts": {region.code: region.part for region in REGIONS}}


@dataclass(frozen=True)
class FormPage:
    """A page with what was typed on it, right or wrong. Texts are in ``language``, messages in that of the request."""

    page: QuestionnairePage
    raw: Mapping[str, Any]
    problems: AnswerProblems
    language: str

    @property
    def title(self) -> str:
        return self.page.title.in_(self.language)

    @cached_property
    def fields(self) -> tuple[FormField, ...]:
        """The questions in order; those that an earlier answer opens are the ``follow_ups`` of that question."""
        return tuple(self._field(item) for item in self._drawn() if _gate(self.page, item) is None)

    @property
    def summary(self) -> list[tuple[str, str]]:
        """(id of the field, message) for every error on this page, in its order."""
        return [(item.link_id, self._field(item).summary) for item in self._drawn() if item.link_id in self.problems]

    def _field(self, item: QuestionItem) -> FormField:
        below = tuple(self._field(one) for one in self._drawn() if _gate(self.page, one) == item.link_id)
        return FormField(item, self.raw.get(item.link_id), self.problems.get(item.link_id), self.language, below)

    def _drawn(self) -> list[QuestionItem]:
        return [item for item in self.page.items if item.kind in SHAPES]


def _choice(value: str, text: str, exclusive: bool = False) -> dict[str, Any]:
    return {"value": value, "text": text, "hint": None, "exclusive": exclusive}


def _gate(page: QuestionnairePage, item: QuestionItem) -> str | None:
    """The question on this page whose answer opens ``item``, when one given answer is what opens it."""
    if not item.enable_when or item.enable_any or item.enable_when[0].operator != "=":
        return None
    first = item.enable_when[0].link_id
    return first if any(other.link_id == first for other in page.items) else None


def _rule(condition: EnableCondition) -> dict[str, Any]:
    answer = condition.answer
    plain = answer if isinstance(answer, bool | int | str) else str(answer)
    return {"question": condition.link_id, "operator": condition.operator, "answer": plain}


def read_form(page: QuestionnairePage, form: MultiDict[str, str]) -> dict[str, Any]:
    """What came back, by linkId: an emptied box is empty and an unticked one is gone, so that it replaces a draft."""
    return {item.link_id: _raw(item, form) for item in page.items if item.kind in SHAPES}


def _raw(item: QuestionItem, form: MultiDict[str, str]) -> Any:
    if item.kind == "body-map":
        marks = {region.code: form.get(f"{item.link_id}.{region.code}", "") for region in item.regions}
        return {code: mark for code, mark in marks.items() if mark}
    if item.kind == "multi-choice":
        return form.getlist(item.link_id)
    return form.get(item.link_id, "")


def decode_page(
    page: QuestionnairePage, raw: Mapping[str, RawAnswer], other_answers: Answers | None = None
) -> tuple[Answers, AnswerProblems]:
    """The typed answers of one page, and what is wrong with the rest. ``other_answers`` are those of other pages."""
    return read_answers(page, raw, known=other_answers or {})


def decode_all(form: Questionnaire, raw: Mapping[str, RawAnswer]) -> tuple[Answers, AnswerProblems]:
    """The same for a whole diary."""
    return read_answers(form, raw)


def refill_answers(page: QuestionnairePage, answers: Answers) -> dict[str, Any]:
    """Saved answers as they would have been typed, to fill the page again."""
    return {item.link_id: format_answer(item, answers[item.link_id]) for item in page.items if item.link_id in answers}
