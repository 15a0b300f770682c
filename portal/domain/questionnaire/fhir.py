"""Convert a FHIR R4 Questionnaire resource to the portal's own types, or list every reason why it cannot be.

Pages are the top groups. A group inside a page is a body map: its choices are the regions, the displays before them
the parts of the body. Chinese is in translation extensions, bounds and units in those of the FHIR core:
https://hl7.org/fhir/R4/questionnaire.html.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from portal.domain.errors import PortalError
from portal.domain.protocol import LocalizedText
from portal.domain.questionnaire.fhir_json import (
    LANGUAGE,
    Node,
    child_nodes,
    condition_answer,
    extension_number,
    find_extension,
    is_help,
    read_translation,
)
from portal.domain.questionnaire.items import (
    AnswerOption,
    BodyPart,
    EnableCondition,
    ItemKind,
    MarkedRegion,
    Operator,
    Picture,
    QuestionItem,
    Questionnaire,
    QuestionnairePage,
)

OWN: Final = "urn:imsc-portal:questionnaire:"
MEDIA: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemMedia"
PLAIN_KINDS: Final[Mapping[str, ItemKind]] = {
    "boolean": "boolean",
    "integer": "integer",
    "decimal": "decimal",
    "string": "text",
    "text": "text",
    "attachment": "attachment",
    "group": "body-map",
}
OPERATORS: Final[Mapping[str, Operator]] = {"=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
CHOICES: Final = frozenset(("choice", "multi-choice", "score"))
NUMBERS: Final = frozenset(("integer", "decimal"))


class QuestionnaireFault(PortalError):
    """``faults`` names everything that is wrong with a questionnaire file: ``linkId: what it must be``."""

    code = "questionnaire-fault"

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("The questionnaire is wrong:\n" + "\n".join(faults))
        self.faults = faults


def parse_questionnaire(resource: Mapping[str, Any]) -> Questionnaire:
    """The questionnaire that ``resource`` describes. Raises QuestionnaireFault with every fault."""
    reading = _Reading()
    questionnaire = reading.questionnaire(resource)
    if reading.faults:
        raise QuestionnaireFault(tuple(reading.faults))
    return questionnaire


class _Reading:
    """``seen`` are the linkIds of the whole resource so far; ``items`` those that a condition may name."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.items: dict[str, QuestionItem] = {}

    def fault(self, where: str, says: str) -> None:
        self.faults.append(f"{where}: {says}")

    def questionnaire(self, resource: Node) -> Questionnaire:
        name = str(resource.get("url", "")).rpartition(":")[2]
        version = str(resource.get("version", ""))
        if not name or not version.isdecimal():
            self.fault("questionnaire", "url must end in its name, and version must be a whole number")
        self.words(resource, "description", "questionnaire")
        return Questionnaire(
            name=name,
            version=int(version) if version.isdecimal() else 0,
            title=self.words(resource, "title", "questionnaire"),
            pages=tuple(self.page(node) for node in child_nodes(resource, "item")),
            sources=(f"{name}.v{version}",),
            draft=resource.get("status") == "draft",
        )

    def page(self, node: Node) -> QuestionnairePage:
        link_id = self.link_id(node)
        if node.get("type") != "group":
            self.fault(link_id, "a page must be a group")
        return QuestionnairePage(
            link_id, self.words(node, "text", link_id), tuple(self.item(one) for one in child_nodes(node, "item"))
        )

    def item(self, node: Node) -> QuestionItem:
        link_id, kind = self.link_id(node), _kind(node)
        if kind is None:
            self.fault(link_id, f"type {node.get('type')!r} is not known here")
        item = QuestionItem(
            link_id=link_id,
            kind=kind or "text",
            text=self.words(node, "text", link_id),
            required=node.get("required") is True,
            unit=self.unit(node, link_id),
            max_decimals=int(find_extension(node, "maxDecimalPlaces").get("valueInteger", 0)),
            max_length=int(node.get("maxLength", 0)),
            enable_when=tuple(self.condition(one, link_id) for one in child_nodes(node, "enableWhen")),
            enable_any=node.get("enableBehavior") == "any",
            picture=self.picture(node, link_id),
            third_person=self.own_words(node, "third-person", link_id),
            yes=self.own_words(node, "yes", link_id),
            no=self.own_words(node, "no", link_id),
            **self.bounds(node, link_id, kind),
            **self.content(node, link_id, kind),
        )
        if item.kind == "text" and kind and item.max_length < 1:
            self.fault(link_id, "a text needs a maxLength")
        self.items[link_id] = item
        return item

    def link_id(self, node: Node) -> str:
        link_id = str(node.get("linkId", ""))
        if not link_id:
            self.fault(f"after {len(self.seen)} items", "an item has no linkId")
        elif link_id in self.seen:
            self.fault(link_id, "this linkId is used twice")
        self.seen.add(link_id)
        return link_id

    def words(self, node: Node, key: str, where: str) -> LocalizedText:
        english, chinese = node.get(key), read_translation(node, key)
        if not isinstance(english, str) or not english.strip():
            self.fault(where, f"has no {key}")
        if not chinese.strip():
            self.fault(where, f"has no {LANGUAGE} {key}")
        return LocalizedText(str(english or ""), chinese)

    def own_words(self, node: Node, name: str, where: str) -> LocalizedText | None:
        """Words for which FHIR has no place: a wording in the third person, or those of yes and no."""
        extension = find_extension(node, f"{OWN}{name}")
        if not extension:
            return None
        english, chinese = (str(find_extension(extension, one).get("valueString", "")) for one in ("en", LANGUAGE))
        if not english.strip() or not chinese.strip():
            self.fault(where, f"{name} needs words in en and in {LANGUAGE}")
        return LocalizedText(english, chinese)

    def unit(self, node: Node, where: str) -> LocalizedText | None:
        coding = find_extension(node, "questionnaire-unit").get("valueCoding")
        return self.words(coding, "display", f"{where} unit") if coding else None

    def picture(self, node: Node, where: str) -> Picture | None:
        attachment = find_extension(node, MEDIA).get("valueAttachment")
        if not attachment:
            return None
        return Picture(
            attachment.get("url", "").rpartition(":")[2], self.words(attachment, "title", f"{where} picture")
        )

    def bounds(self, node: Node, where: str, kind: ItemKind | None) -> dict[str, Any]:
        if kind not in NUMBERS:
            return {}
        low, high = (extension_number(find_extension(node, name)) for name in ("minValue", "maxValue"))
        if low is None or high is None or low > high:
            self.fault(where, "a number needs a minValue and a maxValue that is not below it")
            return {}
        return {"minimum": low, "maximum": high}

    def content(self, node: Node, where: str, kind: ItemKind | None) -> dict[str, Any]:
        """The hint of any item, the options of a choice, the parts of a body map."""
        inner = child_nodes(node, "item")
        helps = [(one, self.link_id(one)) for one in inner if is_help(one)]
        found: dict[str, Any] = {"hint": None}
        if helps:
            found = {
                "hint": self.words(helps[0][0], "text", helps[0][1]),
                "third_person_hint": self.own_words(helps[0][0], "third-person", helps[0][1]),
            }
        if kind in CHOICES:
            found["options"] = self.options(node, where)
        others = [one for one in inner if not is_help(one)]
        if kind == "body-map":
            return found | self.body_map(others, where)
        for one in others:
            self.fault(self.link_id(one), f"cannot stand inside {where}")
        return found

    def options(self, node: Node, where: str) -> tuple[AnswerOption, ...]:
        options = tuple(self.option(one, where) for one in child_nodes(node, "answerOption"))
        if not options:
            self.fault(where, "a choice needs answerOptions")
        for code in {one.code for one in options if [other.code for other in options].count(one.code) > 1}:
            self.fault(where, f"the code {code!r} is used twice")
        return options

    def option(self, node: Node, where: str) -> AnswerOption:
        coding = node.get("valueCoding", {})
        code = str(coding.get("code", ""))
        if not code:
            self.fault(where, "an option has no code")
        score = find_extension(coding, "ordinalValue").get("valueDecimal")
        exclusive = find_extension(node, "questionnaire-optionExclusive").get("valueBoolean") is True
        words = self.words(coding, "display", f"{where} {code}")
        return AnswerOption(code, words, None if score is None else int(score), exclusive)

    def body_map(self, inner: list[Node], where: str) -> dict[str, Any]:
        parts: list[BodyPart] = []
        extents: set[tuple[AnswerOption, ...]] = set()
        for node in inner:
            link_id = self.link_id(node)
            words = self.words(node, "text", link_id)
            if node.get("type") == "display":
                parts.append(BodyPart(words, ()))
            elif not parts or _kind(node) != "choice" or not link_id.startswith(f"{where}."):
                self.fault(link_id, f"must be a choice of {where} below the name of a part of the body")
            else:
                region = MarkedRegion(link_id.removeprefix(f"{where}."), words)
                parts[-1] = BodyPart(parts[-1].words, (*parts[-1].regions, region))
                extents.add(self.options(node, link_id))
        if len(extents) != 1:
            self.fault(where, "every region must have the same options")
        return {"parts": tuple(parts), "options": extents.pop() if extents else ()}

    def condition(self, node: Node, where: str) -> EnableCondition:
        question, operator = str(node.get("question", "")), node.get("operator")
        answer = condition_answer(node)
        target = self.items.get(question)
        if target is None:
            self.fault(where, f"depends on {question!r}, which is not an earlier question")
        elif not _fits(target, operator, answer):
            self.fault(where, f"depends on {question!r} in a way that it cannot be answered")
        return EnableCondition(question, OPERATORS.get(str(operator), "="), answer)


def _kind(node: Node) -> ItemKind | None:
    kind = node.get("type")
    if kind != "choice":
        return PLAIN_KINDS.get(str(kind))
    if node.get("repeats") is True:
        return "multi-choice"
    codings = [one.get("valueCoding", {}) for one in child_nodes(node, "answerOption")]
    return "score" if codings and all(find_extension(one, "ordinalValue") for one in codings) else "choice"


def _fits(target: QuestionItem, operator: object, answer: bool | int | Decimal | str) -> bool:
    """Can ``target`` ever be answered so that ``operator answer`` means something?"""
    if operator not in OPERATORS:
        return False
    if target.kind == "boolean":
        return operator == "=" and isinstance(answer, bool)
    if target.kind in ("choice", "multi-choice"):
        return operator == "=" and answer in target.codes
    numeric = isinstance(answer, int | Decimal) and not isinstance(answer, bool)
    return numeric and (target.kind in NUMBERS or target.kind == "score")
