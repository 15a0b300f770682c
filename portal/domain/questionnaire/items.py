"""What a question is, and when it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final, Literal

from portal.domain.protocol import LocalizedText

ItemKind = Literal["boolean", "integer", "decimal", "score", "choice", "multi-choice", "body-map", "text", "attachment"]
Operator = Literal["=", ">", ">=", "<", "<="]
AnswerValue = bool | int | Decimal | str | tuple[str, ...] | Mapping[str, str]
"""boolean: bool; integer, score: int; decimal: Decimal; choice, text: str; multi-choice: codes in the order of the
options; body-map: region code -> "some" or "most"."""
Answers = Mapping[str, AnswerValue]

ORDERINGS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {">": gt, ">=": ge, "<": lt, "<=": le}
WEIGHT: Final = "weight"


def _prepare(of: object, **values: object) -> None:
    """Set what follows from the fields of a frozen value. Every answer is held against it, so it is made once."""
    for name, value in values.items():
        object.__setattr__(of, name, value)


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """``score`` is the ordinal value of a 0-4 answer; an ``exclusive`` one cannot be combined with another."""

    code: str
    words: LocalizedText
    score: int | None = None
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class MarkedRegion:
    code: str
    words: LocalizedText


@dataclass(frozen=True, slots=True)
class BodyPart:
    """Regions that are shown together, such as those of the left arm."""

    words: LocalizedText
    regions: tuple[MarkedRegion, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """``name`` is that of a drawing in ``templates/components/pictures``; ``words`` describe it."""

    name: str
    words: LocalizedText


@dataclass(frozen=True, slots=True)
class EnableCondition:
    """An earlier answer that a question depends on. With several choices, one that fits is enough."""

    link_id: str
    operator: Operator
    answer: bool | int | Decimal | str

    def holds(self, answers: Answers) -> bool:
        """False while the earlier question is unanswered."""
        given = answers.get(self.link_id)
        if self.operator == "=":
            return given is not None and self.answer in (given if isinstance(given, tuple) else (given,))
        measured = isinstance(given, int | Decimal) and not isinstance(given, bool)
        return measured and ORDERINGS[self.operator](given, self.answer)


@dataclass(frozen=True, slots=True)
class QuestionItem:
    """One question. ``max_decimals`` counts places after the point, ``max_length`` characters.

    A number always has its bounds, inclusive: what no person can have is asked again and never stored.

    ``third_person`` and ``third_person_hint`` are the wording for somebody who writes for the participant, where that
    is another one; ``yes`` and ``no`` the words of a boolean that are not just these. ``{day}`` in a wording stands for
    the time that it is about (``wording.word_questionnaire``).

    A body map has ``parts``, and as ``options`` the extents that a region can have.

    What follows from these is made once: ``codes``, ``scores`` and the ``exclusive`` among the options, the
    ``regions`` of the parts, and ``step``, the least difference between two numbers.
    """

    link_id: str
    kind: ItemKind
    text: LocalizedText
    hint: LocalizedText | None = None
    required: bool = True
    unit: LocalizedText | None = None
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(0)
    max_decimals: int = 0
    max_length: int = 0
    options: tuple[AnswerOption, ...] = ()
    parts: tuple[BodyPart, ...] = ()
    enable_when: tuple[EnableCondition, ...] = ()
    enable_any: bool = False
    picture: Picture | None = None
    third_person: LocalizedText | None = None
    third_person_hint: LocalizedText | None = None
    yes: LocalizedText | None = None
    no: LocalizedText | None = None
    codes: tuple[str, ...] = field(init=False, repr=False, compare=False)
    scores: frozenset[int] = field(init=False, repr=False, compare=False)
    exclusive: frozenset[str] = field(init=False, repr=False, compare=False)
    regions: tuple[MarkedRegion, ...] = field(init=False, repr=False, compare=False)
    region_codes: frozenset[str] = field(init=False, repr=False, compare=False)
    step: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        regions = tuple(region for part in self.parts for region in part.regions)
        _prepare(
            self,
            codes=tuple(option.code for option in self.options),
            scores=frozenset(option.score for option in self.options if option.score is not None),
            exclusive=frozenset(option.code for option in self.options if option.exclusive),
            regions=regions,
            region_codes=frozenset(region.code for region in regions),
            step=Decimal(1).scaleb(-self.max_decimals),
        )

    def option(self, code: str) -> AnswerOption:
        return next(option for option in self.options if option.code == code)


@dataclass(frozen=True, slots=True)
class QuestionnairePage:
    """One topic on one screen. ``name`` is short enough for an address: ``how-you-are``."""

    link_id: str
    title: LocalizedText
    items: tuple[QuestionItem, ...]
    by_link: Mapping[str, QuestionItem] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _prepare(self, by_link={item.link_id: item for item in self.items})

    @property
    def name(self) -> str:
        return self.link_id.removeprefix("page-")

    def without(self, link_ids: frozenset[str]) -> "QuestionnairePage":
        return replace(self, items=tuple(item for item in self.items if item.link_id not in link_ids))


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """``sources`` names the questionnaires that this one is made of, such as ``daily-diary.v1``.

    ``draft``: not released; only a process that runs a draft of the protocol asks it.
    """

    name: str
    version: int
    title: LocalizedText
    pages: tuple[QuestionnairePage, ...]
    sources: tuple[str, ...]
    draft: bool = False
    items: tuple[QuestionItem, ...] = field(init=False, repr=False, compare=False)
    by_link: Mapping[str, QuestionItem] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        items = tuple(item for page in self.pages for item in page.items)
        _prepare(self, items=items, by_link={item.link_id: item for item in items})

    def page(self, link_id: str) -> QuestionnairePage:
        """Raises KeyError for a page that this diary does not have."""
        for page in self.pages:
            if page.link_id == link_id:
                return page
        raise KeyError(link_id)

    def item(self, link_id: str) -> QuestionItem:
        """Raises KeyError for a question that is not asked."""
        return self.by_link[link_id]


def is_enabled(item: QuestionItem, answers: Answers) -> bool:
    """Is ``item`` asked, given the answers of *asked* questions? See ``enabled_items`` for a whole page."""
    if not item.enable_when:
        return True
    return (any if item.enable_any else all)(condition.holds(answers) for condition in item.enable_when)


def compose_diary(daily: Questionnaire, post_infusion: Questionnaire | None, *, weight: bool) -> Questionnaire:
    """One day's diary: the infusion page comes second where it is due, the weight is asked only where ``weight``."""
    first, *rest = daily.pages
    extra = post_infusion.pages if post_infusion else ()
    left_out = frozenset(() if weight else (WEIGHT,))
    return replace(
        daily,
        pages=tuple(page.without(left_out) for page in (first, *extra, *rest)),
        sources=daily.sources + (post_infusion.sources if post_infusion else ()),
    )
