"""Reading the JSON of a FHIR resource: elements, extensions, translations."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

Node = Mapping[str, Any]

CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
LANGUAGE: Final = "zh-CN"


def nodes(node: Node, key: str) -> list[Node]:
    return [one for one in node.get(key) or () if isinstance(one, Mapping)]


def extensions(node: Node, name: str) -> Iterator[Node]:
    url = name if ":" in name else CORE + name
    return (one for one in nodes(node, "extension") if one.get("url") in (url, name))


def extension(node: Node, name: str) -> Node:
    return next(extensions(node, name), {})


def translation(node: Node, key: str) -> str:
    for one in extensions(node.get(f"_{key}") or {}, "translation"):
        if extension(one, "lang").get("valueCode") == LANGUAGE:
            return str(extension(one, "content").get("valueString", ""))
    return ""


def is_help(node: Node) -> bool:
    concept = extension(node, "questionnaire-itemControl").get("valueCodeableConcept", {})
    return node.get("type") == "display" and any(one.get("code") == "help" for one in nodes(concept, "coding"))


def number(extension: Node) -> Decimal | None:
    value = extension.get("valueDecimal", extension.get("valueInteger"))
    return None if value is None else Decimal(str(value))


def condition_answer(node: Node) -> bool | int | Decimal | str:
    coding = node.get("answerCoding")
    if coding:
        return str(coding.get("code", ""))
    if "answerDecimal" in node:
        return Decimal(str(node["answerDecimal"]))
    answer = node.get("answerBoolean", node.get("answerInteger"))
    return answer if isinstance(answer, bool | int) else ""
